//! What can be wrong with a file of VGG16 weights that somebody brought along.

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
pub enum Vgg16Error {
    /// Not a file of weights at all.
    #[error(
        "This is not a file of VGG16 weights, or it is damaged. Use torchvision's vgg16, or what cargo lab import vgg16 made of it."
    )]
    Unreadable,
    /// Fewer or more bytes than the file says of itself.
    #[error("The file has {found} bytes and says that it has {expected}. Copy or download it again.")]
    Cut { found: u64, expected: u64 },
    /// One of hearsight's other files, or one of another version.
    #[error("This is a {0} file and not a VGG16 checkpoint. Make one with cargo lab import vgg16.")]
    Kind(String),
    /// Another network, or a variant.
    #[error("The tensor {name} has the shape {found:?} instead of {expected:?}. Use torchvision's vgg16.")]
    Shape { name: String, found: Vec<usize>, expected: Vec<usize> },
    /// Another network, or a part of one.
    #[error("The tensor {0} is missing or incomplete. Use the whole of torchvision's vgg16.")]
    Missing(String),
    /// Another network, for example the variant with batch normalisation.
    #[error("The tensor {0} does not belong to VGG16. Use torchvision's vgg16, without batch normalisation.")]
    Unknown(String),
    /// Another number format than f32 and f16.
    #[error("The tensor {name} is stored as {found}. Store it as f32 or f16 and try again.")]
    Number { name: String, found: String },
    /// An infinity, or beyond 65504.
    #[error("The tensor {0} holds a number that half precision cannot express. Download the weights again.")]
    NotFinite(String),
}
