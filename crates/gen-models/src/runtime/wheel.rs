//! The pinned wheels, one a target.

use super::RuntimeError;

/// The version of ONNX Runtime that is fetched, and the oldest that is accepted is of the same minor
/// version.
pub const VERSION: &str = "1.31.1";

/// A wheel on the package index and the library in it.
///
/// The hash pins the file, so the version of Python in its name is fixed; the library does not depend
/// on it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wheel {
    os: &'static str,
    arch: &'static str,
    /// pip's `--platform`.
    pub(super) platform: &'static str,
    /// SHA-256 of the file, hexadecimal.
    pub(super) sha256: &'static str,
    /// The library's path in the wheel.
    pub(super) member: &'static str,
    /// SHA-256 of the library, hexadecimal.
    pub(super) library_sha256: &'static str,
}

/// pip's `--python-version`, and the tag in the names of the files.
pub(super) const PYTHON: &str = "3.12";

const WHEELS: &[Wheel] = &[
    Wheel {
        os: "linux",
        arch: "x86_64",
        platform: "manylinux_2_28_x86_64",
        sha256: "1f3dea47f2f0e5117c2404cea7d21fd253ae7836a3bf167a501cdfbb2600d536",
        member: "onnxruntime/capi/libonnxruntime.so.1.31.1",
        library_sha256: "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
    },
    Wheel {
        os: "linux",
        arch: "aarch64",
        platform: "manylinux_2_28_aarch64",
        sha256: "0b9a492176886992e0e875f06bc0367e333f5fff11711a2d642e18b02f3009cc",
        member: "onnxruntime/capi/libonnxruntime.so.1.31.1",
        library_sha256: "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
    },
    Wheel {
        os: "macos",
        arch: "aarch64",
        platform: "macosx_14_0_arm64",
        sha256: "96dd2564b10ea7153ad9c207e7cd8e5917cb3ba521e0e0a62ac03486fdc8d56c",
        member: "onnxruntime/capi/libonnxruntime.1.31.1.dylib",
        library_sha256: "d586cbe89effc085a09d3341b3cfbd5c322517f9d397aeb20814af21433f2b36",
    },
    Wheel {
        os: "windows",
        arch: "x86_64",
        platform: "win_amd64",
        sha256: "ae8a9a351efda685cc59a66226cdefaa37a126c1d66872ca23a2de9425326130",
        member: "onnxruntime/capi/onnxruntime.dll",
        library_sha256: "e45f61e50d8650885452be538a00bb14a715e46a1bc3691000ce947e89ed0306",
    },
    Wheel {
        os: "windows",
        arch: "aarch64",
        platform: "win_arm64",
        sha256: "fe8b9ac1ae8e894e12c47ee82e4f6dfc1835768133687257866469fda80d0bf1",
        member: "onnxruntime/capi/onnxruntime.dll",
        library_sha256: "dc9e2fe646a72829386a24ac9185a7a4e26d7dbe5dc433d41df063603c00bbc7",
    },
];

impl Wheel {
    /// The wheel for the machine that this was compiled for.
    pub(super) fn native() -> Result<&'static Self, RuntimeError> {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        // The wheels for Linux need glibc.
        let libc = !cfg!(target_os = "linux") || cfg!(target_env = "gnu");
        WHEELS
            .iter()
            .find(|wheel| libc && wheel.os == os && wheel.arch == arch)
            .ok_or(RuntimeError::NoWheel { os, arch })
    }

    #[cfg(all(test, unix))]
    pub(super) fn for_tests(sha256: &'static str, member: &'static str, library_sha256: &'static str) -> Self {
        Self { os: "any", arch: "any", platform: "any", sha256, member, library_sha256 }
    }

    /// The library's file name.
    pub(super) fn library(&self) -> &'static str {
        self.member.rsplit('/').next().unwrap_or(self.member)
    }
}

#[cfg(test)]
mod tests {
    use super::{VERSION, WHEELS};

    #[test]
    fn every_wheel_is_pinned_to_one_target_and_the_version() {
        for (i, wheel) in WHEELS.iter().enumerate() {
            for sha256 in [wheel.sha256, wheel.library_sha256] {
                assert_eq!(sha256.len(), 64);
                assert!(sha256.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
            }
            assert!(wheel.os == "windows" || wheel.member.contains(VERSION), "{}", wheel.member);
            let same = |other: &super::Wheel| (other.os, other.arch) == (wheel.os, wheel.arch);
            assert!(!WHEELS[..i].iter().any(same), "two wheels for {} {}", wheel.os, wheel.arch);
        }
    }
}
