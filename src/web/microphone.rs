//! The microphone: getUserMedia, an AudioContext at the machine's own rate, and an AudioWorklet.
//!
//! The worklet posts its blocks straight to a port whose other end the worker holds; sound never passes the page's thread.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioContext, AudioWorkletNode, DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack,
    MediaTrackConstraints, MessagePort,
};

use super::failure::failure;

/// Name under which the worklet's script registers its processor.
const PROCESSOR: &str = "hearsight-capture";

/// An open microphone. Closing it stops the tracks, so that the browser's sign goes out.
#[wasm_bindgen]
pub struct Microphone {
    context: AudioContext,
    stream: MediaStream,
    node: AudioWorkletNode,
}

#[wasm_bindgen]
impl Microphone {
    /// Asks for the microphone and begins to post blocks of mono samples (`Float32Array`) to `port`.
    /// `worklet` is the address of the worklet's script.
    ///
    /// # Errors
    /// `Error`s named "microphone-denied", "microphone-absent" or "microphone-failed".
    pub async fn open(port: MessagePort, worklet: String) -> Result<Microphone, JsValue> {
        let stream = ask().await?;
        match connect(&stream, &port, &worklet).await {
            Ok((context, node)) => Ok(Self { context, stream, node }),
            Err(_) => {
                stop(&stream);
                let sentence =
                    "The microphone could not be started. Close other programs that use it and try again.";
                Err(failure("microphone-failed", sentence))
            }
        }
    }

    /// Samples a second of the blocks.
    #[wasm_bindgen(getter, js_name = sampleRate)]
    pub fn sample_rate(&self) -> f32 {
        self.context.sample_rate()
    }

    /// What the browser calls the microphone.
    #[wasm_bindgen(getter)]
    pub fn label(&self) -> String {
        let track = self.stream.get_audio_tracks().get(0);
        track.dyn_into::<MediaStreamTrack>().map(|track| track.label()).unwrap_or_default()
    }

    /// Stops listening for good.
    pub fn close(&self) {
        stop(&self.stream);
        // A node or context that is gone already is no failure.
        let message = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&message, &"stop".into(), &JsValue::TRUE);
        let _ = self.node.port().and_then(|port| port.post_message(&message));
        let _ = self.node.disconnect();
        let _ = self.context.close();
    }
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
            _ => failure(
                "microphone-failed",
                "The microphone could not be started. Close other programs that use it and try again.",
            ),
        }
    })?;
    stream.dyn_into()
}

/// Microphone -> worklet, which keeps the port. Nothing is connected to the loudspeaker.
async fn connect(
    stream: &MediaStream,
    port: &MessagePort,
    worklet: &str,
) -> Result<(AudioContext, AudioWorkletNode), JsValue> {
    let context = AudioContext::new()?;
    JsFuture::from(context.audio_worklet()?.add_module(worklet)?).await?;
    let node = AudioWorkletNode::new(&context, PROCESSOR)?;
    let message = js_sys::Object::new();
    js_sys::Reflect::set(&message, &"port".into(), port)?;
    node.port()?.post_message_with_transferable(&message, &js_sys::Array::of1(port))?;
    context.create_media_stream_source(stream)?.connect_with_audio_node(&node)?;
    JsFuture::from(context.resume()?).await?;
    Ok((context, node))
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks() {
        if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
            track.stop();
        }
    }
}
