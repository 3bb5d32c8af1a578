//! The microphone: getUserMedia, an AudioContext at the machine's own rate, and an AudioWorklet.
//!
//! The worklet posts its blocks straight to a port whose other end the worker holds; sound never passes the page's thread.

use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioContext, AudioWorkletNode, DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack,
    MediaTrackConstraints, MessagePort,
};

use super::failure::failure;

/// Name under which the worklet's script registers its processor.
const PROCESSOR: &str = "hearsight-capture";

/// A microphone that the visitor has allowed. Closing it stops the tracks, so that the browser's sign goes out; it can be
/// closed at any time, while it is being connected too.
#[wasm_bindgen]
pub struct Microphone {
    stream: MediaStream,
    track: MediaStreamTrack,
    context: AudioContext,
    node: RefCell<Option<AudioWorkletNode>>,
    closed: Cell<bool>,
}

#[wasm_bindgen]
impl Microphone {
    /// Asks for the microphone.
    ///
    /// # Errors
    /// `Error`s named "microphone-denied", "microphone-absent" or "microphone-failed".
    pub async fn ask() -> Result<Microphone, JsValue> {
        let stream = ask().await?;
        let parts = || -> Result<_, JsValue> {
            Ok((stream.get_audio_tracks().get(0).dyn_into()?, AudioContext::new()?))
        };
        match parts() {
            Ok((track, context)) => {
                Ok(Self { stream, track, context, node: RefCell::default(), closed: Cell::default() })
            }
            Err(_) => {
                stop(&stream);
                Err(failed())
            }
        }
    }

    /// Begins to post blocks of mono samples (`Float32Array`) to `port`. `worklet` is the address of the worklet's script.
    /// Whoever waits closes the microphone when that takes too long: some browsers never begin, and never say so.
    ///
    /// # Errors
    /// An `Error` named "microphone-failed".
    pub async fn connect(&self, port: MessagePort, worklet: String) -> Result<(), JsValue> {
        self.begin(&port, &worklet).await.map_err(|_| failed())
    }

    /// Samples a second of the blocks.
    #[wasm_bindgen(getter, js_name = sampleRate)]
    pub fn sample_rate(&self) -> f32 {
        self.context.sample_rate()
    }

    /// What the browser calls the microphone.
    #[wasm_bindgen(getter)]
    pub fn label(&self) -> String {
        self.track.label()
    }

    /// Where the sound comes from: it may end, or be muted, at any time.
    #[wasm_bindgen(getter)]
    pub fn track(&self) -> MediaStreamTrack {
        // The same track: its own method `clone` would be the browser's, which opens a second one that nobody closes.
        Clone::clone(&self.track)
    }

    /// What hears it: it may be suspended at any time, and its clock stands still then.
    #[wasm_bindgen(getter)]
    pub fn context(&self) -> AudioContext {
        self.context.clone()
    }

    /// Stops listening for good.
    pub fn close(&self) {
        // A context that is closed twice complains.
        if self.closed.replace(true) {
            return;
        }
        stop(&self.stream);
        // A node or context that is gone already is no failure.
        if let Some(node) = self.node.borrow_mut().take() {
            let message = js_sys::Object::new();
            let _ = js_sys::Reflect::set(&message, &"stop".into(), &JsValue::TRUE);
            let _ = node.port().and_then(|port| port.post_message(&message));
            let _ = node.disconnect();
        }
        let _ = self.context.close();
    }
}

impl Microphone {
    /// Microphone -> worklet, which keeps the port. Nothing is connected to the loudspeaker.
    async fn begin(&self, port: &MessagePort, worklet: &str) -> Result<(), JsValue> {
        JsFuture::from(self.context.audio_worklet()?.add_module(worklet)?).await?;
        if self.closed.get() {
            return Err(failed());
        }
        let node = AudioWorkletNode::new(&self.context, PROCESSOR)?;
        *self.node.borrow_mut() = Some(node.clone());
        let message = js_sys::Object::new();
        js_sys::Reflect::set(&message, &"port".into(), port)?;
        node.port()?.post_message_with_transferable(&message, &js_sys::Array::of1(port))?;
        self.context.create_media_stream_source(&self.stream)?.connect_with_audio_node(&node)?;
        JsFuture::from(self.context.resume()?).await?;
        Ok(())
    }
}

fn failed() -> JsValue {
    failure(
        "microphone-failed",
        "The microphone could not be started. Close other programs that use it and try again.",
    )
}

/// Asks the visitor for one channel of sound.
async fn ask() -> Result<MediaStream, JsValue> {
    let absent =
        || failure("microphone-absent", "No microphone was found. Plug one in, or drop a sound file here.");
    let window = web_sys::window().ok_or_else(absent)?;
    // Only pages from https or localhost have media devices.
    let devices = window.navigator().media_devices().map_err(|_| absent())?;
    let sound = MediaTrackConstraints::new();
    sound.set_channel_count(&JsValue::from(1));
    let constraints = MediaStreamConstraints::new();
    constraints.set_audio(&sound);
    let promise = devices.get_user_media_with_constraints(&constraints).map_err(|_| absent())?;
    let stream = JsFuture::from(promise).await.map_err(|error| {
        let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
        match name.as_str() {
            "NotAllowedError" | "SecurityError" => failure(
                "microphone-denied",
                "The microphone is blocked. Allow it in the browser's address bar, or drop a sound file here.",
            ),
            "NotFoundError" | "OverconstrainedError" => absent(),
            _ => failed(),
        }
    })?;
    stream.dyn_into()
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks() {
        if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
            track.stop();
        }
    }
}
