//! Linear layers that learn nothing on the page.

use std::sync::Arc;

use burn::module::{
    Content, Devices, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor,
};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData};
use hearsight_kernels::Product;

use super::data;

/// Whether whole numbers are the faster ones: in wasm, whose lanes are four f32 wide. Elsewhere a processor's are wider.
const WHOLE: bool = cfg!(target_arch = "wasm32");

/// A linear layer. It is one like any other until it is [`frozen`](Self::frozen).
#[derive(Clone, Debug)]
pub(super) struct FrozenLinear(Form);

#[derive(Clone, Debug)]
enum Form {
    Layer(Linear),
    Whole(Arc<Product>),
}

impl FrozenLinear {
    /// A layer with random weights, to be loaded.
    pub(super) fn new(config: LinearConfig, device: &Device) -> Self {
        Self(Form::Layer(config.init(device)))
    }

    /// On the CPU of a browser, where no gradients are asked for: the layer in whole numbers of 16 bits, which take half the memory
    /// and two thirds of the time. Then it has no parameters any more.
    pub(super) fn frozen(self) -> Self {
        match self.0 {
            Form::Layer(layer) if WHOLE && is_on_plain_cpu(&layer.weight.device()) => {
                Self(Form::Whole(Arc::new(product(layer))))
            }
            form => Self(form),
        }
    }

    /// `[.., from]` -> `[.., to]`.
    pub(super) fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        match &self.0 {
            Form::Layer(layer) => layer.forward(x),
            Form::Whole(product) => {
                let (device, mut shape) = (x.device(), x.dims());
                shape[D - 1] = product.outputs();
                let x = data(x);
                let products = product.apply(x.as_slice().expect("f32 on the CPU"));
                Tensor::from_data(TensorData::new(products, shape), &device)
            }
        }
    }
}

fn is_on_plain_cpu(device: &Device) -> bool {
    *device == Device::flex() && !device.is_autodiff()
}

fn product(layer: Linear) -> Product {
    let values = |data: TensorData| data.try_to_vec::<f32>().expect("f32 on the CPU");
    let weights = layer.weight.val();
    let [_, to] = weights.dims();
    let bias = layer.bias.map_or_else(|| vec![0.0; to], |bias| values(data(bias.val())));
    Product::new(&values(data(weights)), &bias)
}

/// A frozen layer has no parameters; another has those of [`Linear`], by the same names.
impl Module for FrozenLinear {
    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        if let Form::Layer(layer) = &self.0 {
            layer.visit(visitor);
        }
    }

    fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
        self.with(|layer| layer.map(mapper))
    }

    fn to_device(self, device: &Device) -> Self {
        self.with(|layer| layer.to_device(device))
    }

    fn fork(self, device: &Device) -> Self {
        self.with(|layer| layer.fork(device))
    }

    fn collect_devices(&self, devices: Devices) -> Devices {
        match &self.0 {
            Form::Layer(layer) => layer.collect_devices(devices),
            Form::Whole(_) => devices,
        }
    }

    fn materialize(self) -> Self {
        self.with(Module::materialize)
    }

    fn valid(&self) -> Self {
        self.clone().with(|layer| layer.valid())
    }

    fn train(self) -> Self {
        self.with(Module::train)
    }
}

impl FrozenLinear {
    fn with(self, change: impl FnOnce(Linear) -> Linear) -> Self {
        match self.0 {
            Form::Layer(layer) => Self(Form::Layer(change(layer))),
            whole => Self(whole),
        }
    }
}

impl ModuleDisplayDefault for FrozenLinear {
    fn content(&self, content: Content) -> Option<Content> {
        match &self.0 {
            Form::Layer(layer) => layer.content(content),
            Form::Whole(_) => content.add_single("in whole numbers").optional(),
        }
    }
}

impl ModuleDisplay for FrozenLinear {}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use burn::tensor::{Distribution, Tensor};

    use super::*;

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
    }

    /// Panels that are full and not, parts of the inputs, odd inputs, rows that fill a block and not, one that is loud and one that
    /// is silent.
    #[test]
    fn whole_numbers_say_what_a_layer_says() {
        Device::flex().seed(1);
        for (rows, from, to, bias) in
            [(7, 384, 384, true), (38, 770, 13, false), (3, 5, 9, true), (70, 1, 9, true), (0, 4, 4, true)]
        {
            let layer = LinearConfig::new(from, to).with_bias(bias).init(&Device::flex());
            let x = random([rows, from]);
            let x = if rows == 7 {
                Tensor::cat(vec![x.clone() * 1e3, x * 1e-3, random([1, from]) * 0.0], 0)
            } else {
                x
            };
            let want = layer.forward(x.clone());
            let got = FrozenLinear(Form::Whole(Arc::new(product(layer)))).forward(x.clone());
            assert_eq!(got.dims(), want.dims());
            let length = |x: Tensor<2>| x.square().sum_dim(1).sqrt();
            let apart = length(got - want.clone()) / length(want).clamp_min(1e-6);
            assert!(rows == 0 || apart.clone().max().into_scalar::<f32>() < 1e-3, "{from} {to}: {apart}");
        }
    }

    #[test]
    fn a_layer_that_is_not_frozen_has_its_parameters_by_their_names() {
        let layer = FrozenLinear::new(LinearConfig::new(3, 2), &Device::flex());
        let names: Vec<_> = crate::network::Weights::collect(&layer, "")
            .unwrap()
            .shapes()
            .map(|(name, _)| name.to_owned())
            .collect();
        assert_eq!(names, ["bias", "weight"]);
        assert_eq!(Module::num_params(&layer), 8);
    }
}
