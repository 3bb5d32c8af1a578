//! Tensors of files have PyTorch's layout.

use burn::store::burn_pack::Tensor;
use burn::store::{BurnToPyTorchAdapter, ModuleAdapter, ModuleContext, PyTorchToBurnAdapter, bridge};
use burn::tensor::{DType, Shape, TensorData};
use hearsight_kernels::transposed;

/// burn's adapter to PyTorch's layout or from it, but for the matrices of linear layers: burn turns them byte by byte, which
/// takes most of the time in which a network is made.
#[derive(Clone, Copy, Debug)]
pub struct Layout<A>(A);

pub const FROM_PYTORCH: Layout<PyTorchToBurnAdapter> = Layout(PyTorchToBurnAdapter);
pub const TO_PYTORCH: Layout<BurnToPyTorchAdapter> = Layout(BurnToPyTorchAdapter);

impl<A: ModuleAdapter + Clone + 'static> ModuleAdapter for Layout<A> {
    fn adapt(&self, tensor: Tensor, context: ModuleContext<'_>) -> Tensor {
        let is_matrix = tensor.shape.len() == 2 && tensor.dtype == DType::F32;
        if context.module_type() != Some("Struct:Linear") || !is_matrix {
            return self.0.adapt(tensor, context);
        }
        let (name, dtype) = (tensor.name.clone(), tensor.dtype);
        let [rows, columns] = [tensor.shape[0], tensor.shape[1]];
        bridge::map_data(tensor, name, dtype, Shape::new([columns, rows]), move |data| {
            let values = data.as_slice::<f32>().expect("it is of f32");
            TensorData::new(transposed(values, rows, columns), [columns, rows])
        })
    }

    fn get_alternative_param_name(&self, name: &str, container: &str) -> Option<String> {
        self.0.get_alternative_param_name(name, container)
    }

    fn clone_box(&self) -> Box<dyn ModuleAdapter> {
        Box::new(self.clone())
    }
}
