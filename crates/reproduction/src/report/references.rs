//! What the report cites.

use analysis::report::Reference;

/// Text and address, in the order of the first author.
const REFERENCES: [(&str, &str); 21] = [
    (
        "Antognini, J. M., and Sohl-Dickstein, J., 2018. PCA of high dimensional random walks with comparison to neural \
         network training. Advances in Neural Information Processing Systems 31.",
        "https://arxiv.org/abs/1806.08805",
    ),
    (
        "Dosovitskiy, A., and Brox, T., 2016. Generating images with perceptual similarity metrics based on deep networks. \
         Advances in Neural Information Processing Systems 29. (The published generator.)",
        "https://arxiv.org/abs/1602.02644",
    ),
    (
        "Efron, B., 1979. Bootstrap methods: another look at the jackknife. The Annals of Statistics 7, 1-26.",
        "https://doi.org/10.1214/aos/1176344552",
    ),
    (
        "Hansen, N., and Ostermeier, A., 2001. Completely derandomized self-adaptation in evolution strategies. \
         Evolutionary Computation 9, 159-195. (CMA-ES.)",
        "https://doi.org/10.1162/106365601750190398",
    ),
    (
        "He, K., Zhang, X., Ren, S., and Sun, J., 2016. Deep residual learning for image recognition. CVPR, 770-778. \
         (ResNet50.)",
        "https://doi.org/10.1109/CVPR.2016.90",
    ),
    (
        "Hesterberg, T. C., 2015. What teachers should know about the bootstrap: resampling in the undergraduate statistics \
         curriculum. The American Statistician 69, 371-386.",
        "https://doi.org/10.1080/00031305.2015.1089789",
    ),
    (
        "Krizhevsky, A., Sutskever, I., and Hinton, G. E., 2017. ImageNet classification with deep convolutional neural \
         networks. Communications of the ACM 60, 84-90. (AlexNet.)",
        "https://doi.org/10.1145/3065386",
    ),
    (
        "Nomura, M., and Ono, I., 2022. Fast moving natural evolution strategy for high-dimensional problems. IEEE Congress on \
         Evolutionary Computation, 1-8. (CR-FM-NES.)",
        "https://arxiv.org/abs/2201.11422",
    ),
    (
        "Peli, E., 1990. Contrast in complex images. Journal of the Optical Society of America A 7, 2032-2040.",
        "https://doi.org/10.1364/JOSAA.7.002032",
    ),
    (
        "Ponce, C. R., Xiao, W., Schade, P. F., Hartmann, T. S., Kreiman, G., and Livingstone, M. S., 2019. Evolving images \
         for visual neurons using a deep generative network reveals coding principles and neuronal preferences. Cell 177, \
         999-1009.",
        "https://doi.org/10.1016/j.cell.2019.04.005",
    ),
    (
        "Rapin, J., and Teytaud, O., 2018. Nevergrad: a gradient-free optimization platform. (Round 1.)",
        "https://github.com/facebookresearch/nevergrad",
    ),
    (
        "Ros, R., and Hansen, N., 2008. A simple modification in CMA-ES achieving linear time and space complexity. Parallel \
         Problem Solving from Nature X, 296-305. (Diagonal CMA.)",
        "https://doi.org/10.1007/978-3-540-87700-4_30",
    ),
    (
        "Smirnov, N., 1948. Table for estimating the goodness of fit of empirical \
         distributions. The Annals of Mathematical Statistics 19, 279-281. (The distance of two distributions.)",
        "https://doi.org/10.1214/aoms/1177730256",
    ),
    ("Student, 1908. The probable error of a mean. Biometrika 6, 1-25.", "https://doi.org/10.1093/biomet/6.1.1"),
    (
        "Tukey, J. W., 1958. Bias and confidence in not quite large samples (abstract). The Annals of Mathematical \
         Statistics 29, 614. (The jackknife.)",
        "https://doi.org/10.1214/aoms/1177706647",
    ),
    (
        "Wang, B., and Ponce, C. R., 2021. The geometry of deep generative image models and its applications. ICLR.",
        "https://arxiv.org/abs/2101.06006",
    ),
    (
        "Wang, B., and Ponce, C. R., 2022. High-performance evolutionary algorithms for online neuron control. Proceedings of \
         the Genetic and Evolutionary Computation Conference (GECCO '22). (The publication.)",
        "https://doi.org/10.1145/3512290.3528725",
    ),
    (
        "Wilcoxon, F., 1945. Individual comparisons by ranking methods. Biometrics Bulletin 1, 80-83.",
        "https://doi.org/10.2307/3001968",
    ),
    (
        "Xiao, W., and Kreiman, G., 2020. XDream: finding preferred stimuli for visual neurons using generative networks and \
         gradient-free optimization. PLOS Computational Biology 16, e1007973.",
        "https://doi.org/10.1371/journal.pcbi.1007973",
    ),
    (
        "Yates, F., 1934. The analysis of multiple classifications with unequal numbers in the different classes. Journal of \
         the American Statistical Association 29, 51-66. (Type II sums of squares.)",
        "https://doi.org/10.1080/01621459.1934.10502686",
    ),
    (
        "Zhang, R., Isola, P., Efros, A. A., Shechtman, E., and Wang, O., 2018. The unreasonable effectiveness of deep \
         features as a perceptual metric. CVPR, 586-595.",
        "https://doi.org/10.1109/CVPR.2018.00068",
    ),
];

/// The list of the report.
pub(super) fn references() -> Vec<Reference> {
    let reference = |(text, href): (&str, &str)| Reference { text: text.to_owned(), href: href.to_owned() };
    REFERENCES.map(reference).to_vec()
}
