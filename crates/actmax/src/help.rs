//! Long texts of `--help`, wrapped by hand for 80 columns.

pub(crate) const EXAMPLES: &str = "\
Examples:
  actmax evolve --unit conv5:12
      finds the image that channel 12 of conv5 wants to see,
      in 75 generations of about 40 images
  actmax evolve --unit fc8:3 --optimizer cholesky-cmaes --noise 0.2 --out runs/c
      does the same for a class of the last layer, with noisy scores
  actmax evolve --resume --out runs/c
      goes on with an interrupted run, which ends as if it had not been
      interrupted
  actmax layers tiny-alexnet
      lists what can follow --unit
  actmax campaign run round2 --size smoke
      makes a small instance of a published benchmark, as a grid of runs";

pub(crate) const EVOLVE_HELP: &str = "\
Units:
  LAYER:CHANNEL is a channel of a layer. In a convolutional layer it is the unit
  in the middle of the map; LAYER:CHANNEL:ROW:COL names another one. `actmax
  layers` lists the layers. Several --unit are scored together: the score is the
  weighted sum of their activations, as in --unit conv5:12=0.7 --unit fc8:3=0.3.

Images:
  The generator makes an image of a code. Its pixels are clamped to the range
  from black to full brightness (0 to 1) before the CNN sees them.

Targets in files:
  --readout FILE --layer L maximizes a weighted sum of all activations of a
  layer, as an encoding model that was fitted to a neuron gives it. FILE is
  .npz or .npy, of float32 or float64 (or int64 or bool):

    weights            [C, H, W] or [C], or flattened; or one of these alone:
    channel_weights    [C], times the mean of the channel over the positions
    position_weights   [H, W], times the mean over the channels; both together
                       are multiplied
    bias               one number [default: 0]

  --pattern FILE --layer L looks for the image whose responses are nearest to
  a population pattern, by --measure dot, cosine, correlation or
  squared-distance:

    pattern            a value a unit, [C, H, W] or [C], or a value a channel
    mean, std          of the responses, for z-scores [default: none]
    mask               which values count, as 0 and 1 or false and true

  The folder keeps a copy of the file, and --resume reads that.

Raw pixels:
  --generator pixels:32x32 is no network: a code has a number for each value
  of an image of 32 x 32 pixels, red plane first. A pixel is 0.5 + number / 4,
  cut to black and full brightness; --norm natural gives pixels the contrast
  of photographs.

The image on a canvas:
  --size 24 --at 44,20 shows the image as a patch of 24 pixels on gray, as a
  receptive field wants, and the CNN sees the canvas. --canvas is its side; it
  is that of the CNN's input, if you do not give it. The folder then has
  stimulus.png, the best image as the units saw it; progress.png and the live
  page show the canvas too, best.png and final_mean.png the image alone.
  --resize alone tells how the image gets the size of the CNN's input: bilinear
  is the CNN's own rule in most cases, nearest takes single pixels, area the
  mean over the new pixel's area.

Scale:
  Codes that are much longer than those that the generator was made for give
  saturated images. The run says how the norm of its first codes compares with
  that natural norm. --norm sets it, for any optimizer.

Noise:
  A neuron never answers the same twice. --noise LEVEL adds response noise, as a
  neuron would: every score is multiplied by max(0, 1 + LEVEL x N(0, 1)).
  --poisson SCALE counts spikes instead: SCALE expected spikes per unit of
  activation. The optimizer sees the noisy scores only. Results are reported by
  the clean score.

Repeats:
  --reps R presents each image R times. Every presentation draws its own
  noise, the optimizer sees the mean, and --evaluations counts presentations:
  --evaluations 3000 --reps 10 has 300 images. Repeats need noise: without it
  all presentations agree. --repeats is an older name of --reps.

Stops:
  A run ends before its last generation if a stop rule holds. The rules look at
  what an experimenter sees: scores with their noise, and the clock.
  --stop-score X      the mean score of a generation is X or more (with
                      --minimize X or less); a mean, because the best of 40
                      noisy scores is a lucky one
  --stop-after TIME   the run has taken 90s, 10m or 1h30m
  --stop-stalled K    no progress in K generations: a straight line is fitted to
                      their mean scores, and a one-sided t test of its slope
                      (K - 2 degrees of freedom) gives p > 0.05. K is 5 or more.
                      Few generations prove little: at --noise 0.5 runs of 150
                      generations ended with 85 % of their best score with K 20
                      and 97 % with K 40, which is a good beginning
  summary.json says which rule ended the run. --resume keeps the rules; other
  ones, or none as in --stop-score none, go on with the run.

Initial codes:
  --init FILE starts from all codes of a NumPy file. If it names a run, by its
  folder or its evolution.npz, it takes the codes of the last generation; a word
  after a colon names other codes:
    last          the last generation
    best          the code with the best clean score
    recommended   the code that the method recommended at the end
    next          the generation that would have come next
    all           every code of the run, as one large first generation
    means         the mean code of each generation
  Other starts:
    --init DIR            all codes of the NumPy files in a folder, by name
    --init IMAGES         images (a folder or a file): the code of an image is
                          what the encoder answers to it, a layer of a CNN that
                          the generator's manifest names; tiny-deepsim has one,
                          tiny-alexnet:fc6, published generators have none here
    --init random:300     random codes of norm 300; random:natural: of the norm
                          that the generator was made for
    --init stats:FILE     codes drawn from a normal distribution with the mean
                          and spread of each component of the codes in FILE (a
                          run, a folder, images and a colon work here too)
  --init-fill adds children of the codes up to the population; each child takes
  every component from one of two codes. Without it a first generation has as
  many codes as there are.

Reference images:
  --reference DIR lets the same unit score the images of a folder (.png, .jpg,
  any size) and says where the best evolved image lies among them. With --resume
  it compares a finished run without evolving it again.

Sessions:
  --quantise makes a run that equals an online session whose rig misses nothing,
  if optimizer, generator, seed and unit are the same. --scores-from SESSION
  makes a run of what a rig recorded in a session.

Files written to --out:
  evolution.npz    codes, clean and noisy scores, generation means, for NumPy
  best.png         the image with the best clean score, without its canvas
  final_mean.png   the image of the mean code of the last generation
  progress.png     the best image of some generations, from first to last, if
                   all codes are kept
  stimulus.png     with --size and its like, the best image on its canvas
  trace.svg        every score, and mean and best of every generation
  summary.json     settings, versions, results and timing
  reference.csv    with --reference, the score of every image of the folder
  target.npz       with --readout or --pattern, a copy of the file
  journal.jsonl    the record from which --resume goes on
  Evolution_codes_NAME.npz
                   with --published-codes, best code and mean of the last
                   generation with their scores, as the published scripts
                   store them; NAME is that of the folder

--resume makes deleted files of a finished run again. With a larger
--generations it extends the run, unless the schedule of the optimizer spans it.
--keep-codes last keeps the codes of the last generation only, and none keeps
neither codes nor the means of the generations, so that long runs stay small.

Ctrl-C ends the run after the current generation, with all files written. A
second Ctrl-C ends it at once.

Exit status: 0 done, 1 failure, 2 wrong usage, 130 interrupted.

Examples:
  actmax evolve --unit conv5:12
  actmax evolve --unit conv5:12:0:0 --minimize
  actmax evolve --unit conv3:5:2:5 --size 24 --at 44,20
  actmax evolve --unit fc8:3 --optimizer cholesky-cmaes --option init_sigma=2
  actmax evolve --unit fc8:3 --init runs/first:best --seed 1
  actmax evolve --unit fc8:3 --init photos/ --init-fill --optimizer genetic
  actmax evolve --unit fc8:3 --noise 0.5 --reps 4 --stop-stalled 40
  actmax evolve --readout neuron7.npz --layer conv4
  actmax evolve --unit conv2:3 --generator pixels:32x32 --norm natural
  actmax evolve --resume --out runs/fc8-3-polar-es-savage-1";

pub(crate) const ASK_TELL_HELP: &str = "\
Both sides write one JSON object a line. After the first line, every line gets
exactly one line as its answer.

  in   {\"optimizer\": \"sphere-cma\", \"dim\": 4096, \"seed\": 1}   the first line
  out  {\"generation\": 0, \"codes\": [[0.1, ...], ...]}         score each code
  in   {\"scores\": [1.5, null, ...]}                          null: missing
  out  {\"generation\": 1, \"codes\": [[...], ...]}              and so on
  in   {\"save\": true}                                        at any time
  out  {\"state\": \"actmax-ask-tell-1:...\"}                    a text to keep
  in   {\"stop\": true}                                        or end of input
  out  {\"recommendation\": [...],
        \"best\": {\"code\": [...], \"score\": 1.7},
        \"diagnostics\": {...}}                                in one line

First line:
  optimizer    a name of `actmax optimizers`
  dim          length of a code
  seed         of all random numbers [default: 0]
  options      of the optimizer, as {\"population_size\": 20, ...}
  generations  length of the run, for methods with a schedule
  x0           a code to start from, or a list of codes
  maximize     false: lower scores are better [default: true]
  generator    a name of `actmax models`; codes then have the length it takes
  images       \"png\": answers have images too, a base64 PNG for each code;
               \"path\": names of files in the folder of the run
  encoding     \"base64-f32\": codes as codes_base64 and shape, not as digits
  out          folder that keeps the run, with the files that evolve writes
  resume       a saved state, instead of all these: the session goes on where it
               was saved and shows the same codes again; or true, beside out: a
               run goes on from its folder

The number of codes may differ between generations. A line that the program
cannot follow gets {\"error\": \"...\"} as its answer and changes nothing. The page
docs/ask-tell.md has clients in Python and Octave.

Exit status: 0 done, 1 the run's folder cannot be written, 2 unusable first line
(standard error says why).

Example:
  printf '%s\\n' \\
      '{\"optimizer\":\"random-search\",\"dim\":2,\"options\":{\"population_size\":3}}' \\
      '{\"scores\": [1, 3, 2]}' '{\"stop\": true}' | actmax ask-tell";
