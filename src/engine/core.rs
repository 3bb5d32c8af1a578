//! The engine: the network that answers, the pictures and the spoken captions that it searches, and the query at the microphone.
//! What a clip goes through is read here, downward. The page and the command line only translate.

use std::cell::{Ref, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use burn::tensor::Device;

use super::{EngineError, Heard, LiveQuery, Look, SpeechNetwork, Taught, read, taught_weights, trimmed};
use crate::network::DIMENSIONS;
use crate::search::{Index, Match};
use crate::sound::SoundError;

/// The place of a query in the shared space.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// 384 numbers, of length 1: what pictures are ranked by.
    pub vector: Vec<f32>,
    /// Samples at 16 kHz that it was made of.
    pub samples: usize,
}

/// A loaded speech network with what it searches. Nothing of it is borrowed while a device is waited for.
pub struct Engine {
    device: Device,
    /// The student first, the whole network once it is here.
    speech: RefCell<Rc<SpeechNetwork>>,
    /// Of the gallery and the visitor's own.
    pictures: RefCell<Index>,
    /// What pictures are described from; none until they are brought.
    captions: RefCell<Index>,
    query: RefCell<Option<LiveQuery>>,
}

impl Engine {
    /// Loads the speech weights onto a device, and the index of the gallery.
    ///
    /// # Errors
    /// [`EngineError::Weights`] and [`EngineError::Index`] for files that are broken or of another version.
    pub fn load(speech: &[u8], index: &[u8], device: &Device) -> Result<Self, EngineError> {
        let speech = SpeechNetwork::load(speech, device).map_err(EngineError::Weights)?;
        Ok(Self::of(Rc::new(speech), read_index(index)?, device))
    }

    /// Of a network that is on this device.
    pub fn of(speech: Rc<SpeechNetwork>, pictures: Index, device: &Device) -> Self {
        Self {
            device: device.clone(),
            speech: RefCell::new(speech),
            pictures: RefCell::new(pictures),
            captions: RefCell::new(Index::new(DIMENSIONS)),
            query: RefCell::default(),
        }
    }

    /// Where its networks run.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The network that answers.
    pub fn speech(&self) -> Rc<SpeechNetwork> {
        Rc::clone(&self.speech.borrow())
    }

    /// All pictures as they are now.
    pub fn pictures(&self) -> Ref<'_, Index> {
        self.pictures.borrow()
    }

    /// The spoken captions as they are now.
    pub fn captions(&self) -> Ref<'_, Index> {
        self.captions.borrow()
    }

    /// Another network of these weights, with what was taught to it; it answers once it is [taken](Self::take).
    ///
    /// # Errors
    /// [`EngineError::Weights`] for weights that do not fit, [`EngineError::Taught`] for what was taught to other ones.
    pub fn prepare(&self, speech: &[u8], taught: Option<&Taught>) -> Result<SpeechNetwork, EngineError> {
        let weights = taught_weights(speech, taught)?;
        SpeechNetwork::of(&weights, &self.device).map_err(EngineError::Weights)
    }

    /// This network answers from now on.
    pub fn take(&self, speech: SpeechNetwork) {
        *self.speech.borrow_mut() = Rc::new(speech);
    }

    /// The place of a clip at 16 kHz; what is not speech at its ends is left out.
    ///
    /// # Errors
    /// [`EngineError::Sound`] for silence, an empty clip or one beyond 20 seconds; [`EngineError::DeviceLost`].
    pub async fn search(&self, samples: &[f32]) -> Result<Answer, EngineError> {
        let vector = self.speech().embed(&trimmed(samples)?).await?;
        Ok(Answer { vector, samples: samples.len() })
    }

    /// The place of a picture.
    ///
    /// # Errors
    /// [`EngineError::UnknownPhotograph`].
    pub fn vector(&self, picture: &str) -> Result<Vec<f32>, EngineError> {
        let vector = self.pictures.borrow().vector(picture).map(<[f32]>::to_vec);
        vector.ok_or(EngineError::UnknownPhotograph)
    }

    /// The spoken captions nearest to a picture, best first.
    ///
    /// # Errors
    /// [`EngineError::UnknownPhotograph`].
    pub fn describe(&self, picture: &str, count: usize) -> Result<Vec<Match>, EngineError> {
        Ok(self.captions.borrow().rank_first(&self.vector(picture)?, count).0)
    }

    /// Adds pictures, or puts them in the place of those of the same ids: 384 numbers for each, one after the other. Gives the
    /// number of the first in a ranking; the others follow it.
    ///
    /// # Errors
    /// [`EngineError::UnplacedPicture`] where there are more ids, or fewer.
    pub fn add_pictures(&self, ids: Vec<String>, vectors: &[f32]) -> Result<u32, EngineError> {
        if vectors.len() != ids.len() * DIMENSIONS {
            return Err(EngineError::UnplacedPicture);
        }
        let mut index = self.pictures.borrow_mut();
        index.remove_all(&ids.iter().map(String::as_str).collect());
        let keys =
            ids.into_iter().zip(vectors.chunks_exact(DIMENSIONS)).map(|(id, vector)| index.push(id, vector));
        keys.reduce(|first, _| first).ok_or(EngineError::UnplacedPicture)
    }

    /// Removes pictures from what is searched.
    pub fn remove_pictures(&self, ids: &HashSet<&str>) {
        self.pictures.borrow_mut().remove_all(ids);
    }

    /// Takes the index of the spoken captions; those that were there before are forgotten.
    ///
    /// # Errors
    /// [`EngineError::Index`].
    pub fn bring_captions(&self, index: &[u8]) -> Result<(), EngineError> {
        *self.captions.borrow_mut() = read_index(index)?;
        Ok(())
    }

    /// Adds one caption, or puts it in the place of one of the same id: the vector of a query that was spoken.
    ///
    /// # Errors
    /// [`EngineError::UnplacedRecording`].
    pub fn add_caption(&self, id: String, vector: &[f32]) -> Result<(), EngineError> {
        if vector.len() != DIMENSIONS {
            return Err(EngineError::UnplacedRecording);
        }
        let mut captions = self.captions.borrow_mut();
        captions.remove(&id);
        captions.push(id, vector);
        Ok(())
    }

    /// Begins a live query of blocks of this sampling rate; one that runs is dropped.
    ///
    /// # Errors
    /// [`EngineError::Sound`] for a rate that no sound card has.
    pub fn listen(&self, sample_rate: f64) -> Result<(), EngineError> {
        *self.query.borrow_mut() = Some(LiveQuery::new(sample_rate)?);
        Ok(())
    }

    /// Takes a block of the live query.
    ///
    /// # Errors
    /// [`EngineError::NotRecording`].
    pub fn hear(&self, block: &[f32]) -> Result<Heard, EngineError> {
        Ok(self.query.borrow_mut().as_mut().ok_or(EngineError::NotRecording)?.hear(block))
    }

    /// The place of the speech so far.
    ///
    /// # Errors
    /// [`EngineError::NotRecording`]; [`EngineError::Sound`] before speech began; [`EngineError::DeviceLost`].
    pub async fn look(&self) -> Result<Answer, EngineError> {
        self.answer(LiveQuery::look).await
    }

    /// The place of the whole query, which ends with it.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub async fn finish(&self) -> Result<Answer, EngineError> {
        let answer = self.answer(LiveQuery::look_at_whole).await;
        *self.query.borrow_mut() = None;
        answer
    }

    /// Nothing is borrowed while the device is waited for: blocks keep coming in.
    async fn answer(
        &self,
        look: impl Fn(&mut LiveQuery, &SpeechNetwork) -> Result<Look, SoundError>,
    ) -> Result<Answer, EngineError> {
        let (look, samples) = {
            let mut query = self.query.borrow_mut();
            let query = query.as_mut().ok_or(EngineError::NotRecording)?;
            (look(query, &self.speech())?, query.samples().len())
        };
        let vector = match look {
            Look::Known(vector) => vector,
            Look::Queued { vector, whole } => {
                let vector = read(vector).await?;
                if let Some(query) = self.query.borrow_mut().as_mut() {
                    query.remember(whole, &vector);
                }
                vector
            }
        };
        Ok(Answer { vector, samples })
    }
}

fn read_index(bytes: &[u8]) -> Result<Index, EngineError> {
    Index::read(bytes, DIMENSIONS).map_err(EngineError::Index)
}
