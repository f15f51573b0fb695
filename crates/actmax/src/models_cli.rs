//! The command line of `actmax models`.

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, Subcommand, ValueEnum};
use gen_models::{ImageLayout, InputRule, ModelKind, PUBLISHED_INPUT_SIZE, Resize};

const ADD_HELP: &str = "\
The program sees most facts in the file: kind, inputs and their lengths, image
size, channels (gray or RGB), order of axes, element type, opset, batch size,
and layers with their shapes. It runs the network on made-up inputs before it
registers anything. It prints what it had to assume, and the option that changes
it.

Pixels:
  A generator: --range says which of its values are black and full brightness.
  If its last operators are Tanh, Sigmoid or Clip (scaled or not), they tell;
  else the image of a random code does.
  A CNN gets (low + pixel x (high - low) - mean) / std with pixel from 0 to 1.
  Without options these are ImageNet's mean and std for RGB, and none for gray
  or for a network that begins with a normalisation of its own. --mean or --std
  alone: values above 1.5 are taken to be for 0..255. --range alone: those
  values, mean 0, std 1.

Codes:
  All numbers of all inputs make the code, in the file's order. --input holds
  some of them instead:
    z:evolve                part of the code
    class:one-hot=207       207 is 1, the others 0; an input of whole numbers
                            gets the number itself
    class:hold=vector.npy   these values (.npy or .npz)
    truncation:hold=0.4     this value everywhere
    code[128..256]:hold=0   components 128 to 255 of an input are held, the
                            others evolve
  Without --input, the program holds inputs that are named class, label, cond, y
  or c, that are whole numbers, or that have a single number.

Layers:
  Every inner tensor with an answer for each image can be a target. Maps are
  channels x rows x columns, whatever their order in the file. Layers of tokens
  are listed as channels x tokens x 1.

Examples:
  actmax models add dcgan.onnx
  actmax models add squeezenet.onnx --mean 123.68,116.779,103.939 --std 1
  actmax models add mobilenet-tf.onnx --name mobilenet --range -1..1
  actmax models add biggan.onnx --input class:one-hot=207 --name retriever
  actmax layers mobilenet
  actmax evolve --generator dcgan --cnn mobilenet --unit LAYER:CHANNEL";

/// What can be done with models.
#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// Register an ONNX file of your own as a generator or CNN.
    #[command(after_long_help = ADD_HELP, after_help = "Pixels, codes, layers and examples: --help")]
    Add(Box<AddArgs>),
    /// Download published networks, verify them, convert them to ONNX and register them.
    ///
    /// PyTorch is not needed: tensors are read out of the checkpoint as data, and nothing in it is run. A download that
    /// was interrupted goes on where it stopped. `actmax models` lists what is registered.
    Fetch(FetchArgs),
    /// Remove a registered model and its file.
    Remove {
        /// Its name.
        name: String,
    },
}

/// Arguments of `actmax models add`.
#[derive(Clone, Debug, Args)]
pub struct AddArgs {
    /// The ONNX file; it is copied. Weights in other files are taken from beside it.
    #[arg(value_name = "FILE.onnx")]
    pub file: PathBuf,
    /// What it is [default: seen in the file].
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// Name that it goes by [default: the file's].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What happens to an input or a part of it; may be repeated.
    #[arg(long = "input", value_name = "NAME[A..B]:USE", value_parser = clap::value_parser!(InputRule))]
    pub inputs: Vec<InputRule>,
    /// The tensor that is a generator's image, or several to be summed [default: the largest output that can be one].
    #[arg(long, value_name = "NAME[+NAME]")]
    pub output: Option<String>,
    /// Length of a code, where the file leaves it free; a number for each free size, where there are several.
    #[arg(long, value_name = "N[xN]", value_parser = code_size)]
    pub code_size: Option<CodeSize>,
    /// Norm that codes of natural images have [default: that of standard normal codes, the root of their length].
    #[arg(long, value_name = "NORM", value_parser = norm, allow_negative_numbers = true)]
    pub natural_norm: Option<f64>,
    /// File with the names of a CNN's classes, one a line: units go by them, as --unit fc8:eye.
    #[arg(long, value_name = "FILE.txt")]
    pub classes: Option<PathBuf>,
    /// Height and width of images, where the file leaves them free or flat [default: the first of 224, 227,
    /// 299, 256, 128, 64, 32 that works].
    #[arg(long, value_name = "SIDE|HxW", value_parser = size)]
    pub size: Option<[usize; 2]>,
    /// Order of the axes of images [default: seen in their sizes].
    #[arg(long, value_enum)]
    pub layout: Option<Layout>,
    /// Images have their channels in the order blue, green, red.
    #[arg(long)]
    pub bgr: bool,
    /// Pixel values of black and full brightness, as -1..1 or 0..255.
    #[arg(long, value_name = "LOW..HIGH", value_parser = range, allow_hyphen_values = true)]
    pub range: Option<[f32; 2]>,
    /// Subtracted from the pixels of a CNN's images: one number, or three for red, green and blue.
    #[arg(long, value_name = "R,G,B", value_delimiter = ',', num_args = 1.., allow_negative_numbers = true)]
    pub mean: Option<Vec<f32>>,
    /// What they are divided by afterwards.
    #[arg(long, value_name = "R,G,B", value_delimiter = ',', num_args = 1..)]
    pub std: Option<Vec<f32>>,
    /// Bring images of another size to a CNN's with the centres of the corner pixels upon each other, rather
    /// than the images' edges.
    #[arg(long)]
    pub align_corners: bool,
    /// Where the weights come from, for `actmax models` [default: the file's name and SHA-256].
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub origin: String,
    /// Licence of the weights, for `actmax models`.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub licence: String,
    /// Replace a registered model of the same name.
    #[arg(long)]
    pub replace: bool,
}

/// Arguments of `actmax models fetch`.
#[derive(Clone, Debug, Args)]
pub struct FetchArgs {
    /// Names of published models, see --list.
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "list"], conflicts_with = "all")]
    pub names: Vec<String>,
    /// Fetch all of them.
    #[arg(long)]
    pub all: bool,
    /// List them, with what is here already, and fetch nothing.
    #[arg(long)]
    pub list: bool,
    /// Convert this checkpoint instead of downloading; takes one NAME.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "list"])]
    pub from: Option<PathBuf>,
    /// Download from a mirror: this address, a slash, and the name of the published file.
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    pub base_url: Option<String>,
    /// Height and width of the images that a CNN takes, pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = PUBLISHED_INPUT_SIZE,
          value_parser = clap::value_parser!(u16).range(32..=2048).map(usize::from))]
    pub size: usize,
}

/// `--kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Codes in, images out.
    Generator,
    /// Images in, activations out.
    Cnn,
}

/// `--layout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// [n, channels, height, width], as PyTorch has it.
    Nchw,
    /// [n, height, width, channels], as TensorFlow has it.
    Nhwc,
}

impl AddArgs {
    /// What the library is asked to do.
    #[must_use]
    pub fn import(&self) -> gen_models::Import {
        gen_models::Import {
            name: self.name.clone(),
            kind: self.kind.map(|kind| match kind {
                Kind::Generator => ModelKind::Generator,
                Kind::Cnn => ModelKind::Cnn,
            }),
            inputs: self.inputs.clone(),
            output: self.output.clone(),
            code_size: self.code_size.clone().map_or_else(Vec::new, |size| size.0),
            natural_norm: self.natural_norm,
            classes: self.classes.clone(),
            layout: self.layout.map(|layout| match layout {
                Layout::Nchw => ImageLayout::Nchw,
                Layout::Nhwc => ImageLayout::Nhwc,
            }),
            size: self.size,
            range: self.range,
            mean: self.mean.clone(),
            std: self.std.clone(),
            bgr: self.bgr,
            resize: if self.align_corners { Resize::AlignCorners } else { Resize::HalfPixel },
            origin: self.origin.clone(),
            licence: self.licence.clone(),
        }
    }
}

/// `--code-size`: the sizes that a file leaves free, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSize(pub Vec<usize>);

fn code_size(text: &str) -> Result<CodeSize, String> {
    let number = |text: &str| text.parse().ok().filter(|&size: &usize| size > 0);
    let sizes: Option<Vec<usize>> = text.split('x').map(number).collect();
    sizes.map(CodeSize).ok_or_else(|| "write a length as 128, or a number for each free size as 8x8".to_owned())
}

fn norm(text: &str) -> Result<f64, String> {
    let norm = text.parse().ok().filter(|norm: &f64| norm.is_finite() && *norm > 0.0);
    norm.ok_or_else(|| "write a number above 0".to_owned())
}

fn size(text: &str) -> Result<[usize; 2], String> {
    let wrong = || "write a side as 227, or height and width as 128x96".to_owned();
    let side = |text: &str| text.parse().ok().filter(|&side: &usize| side > 0).ok_or_else(wrong);
    let (height, width) = text.split_once('x').unwrap_or((text, text));
    Ok([side(height)?, side(width)?])
}

fn range(text: &str) -> Result<[f32; 2], String> {
    let wrong = || "write two numbers, the smaller one first, as -1..1 or 0..255".to_owned();
    let number = |text: &str| text.parse().ok().filter(|x: &f32| x.is_finite()).ok_or_else(wrong);
    let (low, high) = text.split_once("..").ok_or_else(wrong)?;
    let range = [number(low)?, number(high)?];
    if range[0] < range[1] { Ok(range) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::{CodeSize, code_size, norm, range, size};

    #[test]
    fn sizes_and_ranges_are_read() {
        assert_eq!((size("227"), size("128x96")), (Ok([227, 227]), Ok([128, 96])));
        assert_eq!((range("-1..1"), range("0..255")), (Ok([-1.0, 1.0]), Ok([0.0, 255.0])));
        assert_eq!(code_size("8x16"), Ok(CodeSize(vec![8, 16])));
        assert!(["", "8x", "0", "8x0"].iter().all(|text| code_size(text).is_err()));
        assert!(norm("5.8") == Ok(5.8) && ["0", "-1", "inf", "x"].iter().all(|text| norm(text).is_err()));
        assert!(["", "0", "12x", "1x2x3", "-4"].iter().all(|text| size(text).is_err()));
        assert!(["", "1", "1..-1", "0..nan", "0..1..2"].iter().all(|text| range(text).is_err()));
    }
}
