//! The poster's systems in the worker: brought one by one when a visitor chooses them, ranked by, and looked into.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Device;
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::WebEngine;
use super::engine::Ranking;
use super::failure::{engine_failure, failure};
use super::{heard, typed};
use crate::engine::{Answer, EngineError, PosterSystem, SystemFacts, TemporalTrace};
use crate::network::WeightsError;

/// The one with the temporal branch.
const TEMPORAL: &str = "p2";

/// P0 and P1 share a network, P2 adds the temporal branch.
#[wasm_bindgen(typescript_custom_section)]
const NAMES: &str = r#"export type SystemName = "p0" | "p1" | "p2";"#;

/// The systems as the worker sees them. Every failure is an `Error` whose `name` is a code.
#[wasm_bindgen(js_name = Systems)]
pub struct WebSystems {
    device: Device,
    brought: RefCell<BTreeMap<String, Rc<PosterSystem>>>,
}

#[wasm_bindgen(js_class = Systems)]
impl WebSystems {
    /// A place for the systems on the engine's device.
    #[wasm_bindgen(constructor)]
    pub fn new(engine: &WebEngine) -> WebSystems {
        Self { device: engine.inner().device().clone(), brought: RefCell::default() }
    }

    /// Takes the file of a system: "p0", "p1" or "p2".
    pub fn bring(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SystemName")] name: String,
        weights: &[u8],
    ) -> Result<(), JsValue> {
        let read = PosterSystem::read(weights, &self.device).and_then(|system| {
            let found = &system.facts().name;
            let other = || WeightsError::Mismatch(format!("it is {found}, not {name}"));
            if *found == name { Ok(()) } else { Err(other()) }.map(|()| system)
        });
        let system = read.map_err(|error| engine_failure(EngineError::Weights(error)))?;
        self.brought.borrow_mut().insert(name, Rc::new(system));
        Ok(())
    }

    /// Ranks the gallery's pictures by a system for a clip of any sampling rate. Nobody measured how far its answers can
    /// be trusted, so none is sure; scores are inner products of any size.
    pub async fn rank(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SystemName")] name: String,
        samples: &[f32],
        sample_rate: f64,
    ) -> Result<Ts<Ranking>, JsValue> {
        let start = js_sys::Date::now();
        let system = self.system(&name)?;
        let samples = heard(samples, sample_rate)?;
        let vector = system.embed(&samples).await.map_err(engine_failure)?;
        let answer = Answer { vector, samples: samples.len() };
        typed(&Ranking { sure: false, ..Ranking::of(system.pictures(), &answer, start) })
    }

    /// What the temporal branch of P2, which must be here, makes of a clip of any sampling rate.
    pub async fn temporal(&self, samples: &[f32], sample_rate: f64) -> Result<Ts<TemporalTrace>, JsValue> {
        let system = self.system(TEMPORAL)?;
        let samples = heard(samples, sample_rate)?;
        typed(&system.temporal(&samples).await.map_err(engine_failure)?)
    }

    /// How a system was trained and what was measured.
    pub fn facts(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SystemName")] name: String,
    ) -> Result<Ts<SystemFacts>, JsValue> {
        typed(self.system(&name)?.facts())
    }
}

impl WebSystems {
    /// One that was brought. Nothing is borrowed while the device is waited for.
    fn system(&self, name: &str) -> Result<Rc<PosterSystem>, JsValue> {
        let missing = || failure("not-brought", "This system is not here yet. Choose it again.");
        self.brought.borrow().get(name).cloned().ok_or_else(missing)
    }
}
