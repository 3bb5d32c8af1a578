//! Where speech begins and ends.
//!
//! Every 10 ms get two figures: the level between 120 and 7000 Hz, and the flatness of the spectrum between 200 and
//! 5000 Hz (Gray and Markel 1974: the geometric mean of the power by the arithmetic; about 0.56 for white noise of one
//! window, under 0.1 in vowels). A moment sounds like speech when it stands out from the background and is not flat.
//! Moments closer than 0.3 s make an utterance; what is shorter than 0.18 s, or never clearly voiced, is a noise.
//! Hiss, steady hum, clicks and short coughs fall through one of these; soft fricatives do too, but not for long.

use std::collections::VecDeque;
use std::ops::Range;

use super::spectrum::{HOP, Spectrum, WINDOW, periodic_hann};
use super::{SAMPLE_RATE, SoundError, clean};

/// Moments a second.
const A_SECOND: usize = SAMPLE_RATE / HOP;
/// Shorter than this is a click or a cough: 0.18 s, of which the window's length is 0.025 s.
const SHORTEST_SPEECH: usize = 18 * A_SECOND / 100;
/// Speech of at least this length can end by itself: 0.25 s.
const SHORTEST_QUERY: usize = 25 * A_SECOND / 100;
/// Clearly voiced moments that speech must have: 50 ms.
const LEAST_VOICED: usize = 5 * A_SECOND / 100;
/// Moments closer than this belong to one utterance: 0.3 s.
const BRIDGE: usize = 30 * A_SECOND / 100;
/// Silence after which speech has ended: 0.9 s. Pauses within a sentence stay under 0.5 s.
const ENDING_SILENCE: usize = 90 * A_SECOND / 100;
/// Left around speech by [`with_room`]: 0.15 s.
const MARGIN: usize = SAMPLE_RATE * 15 / 100;

/// Speech is at least this much above the background, in dB.
const ABOVE_BACKGROUND: f32 = 8.0;
/// And not further than this below the loudest moment, in dB.
const BELOW_LOUDEST: f32 = 35.0;
/// And never under this level, in dBFS. A speaker with peaks of 0.02 has vowels at about -50.
const QUIETEST: f32 = -62.0;
/// In the first half second the background is taken to be no louder than this, in dBFS, so that a visitor who speaks
/// at once is not the background.
const UNKNOWN_BACKGROUND: f32 = -50.0;

/// Flatness below which a moment may be speech. White noise stays above 0.42 in 999 of 1000 moments.
const SPEECH_FLATNESS: f32 = 0.35;
/// Flatness below which a moment is clearly voiced.
const VOICED_FLATNESS: f32 = 0.2;

/// The level given for digital silence, in dBFS.
const SILENCE_DBFS: f32 = -120.0;

/// What is known after a block of samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActivityState {
    /// Somebody speaks, or spoke in the last 0.3 s.
    pub speaking: bool,
    /// There has been speech. Taken back where what followed shows that it was a short noise or a new background.
    pub started: bool,
    /// Speech of at least 0.25 s has been followed by 0.9 s of silence. Stays so.
    pub ended: bool,
    /// Root mean square of the block over all frequencies, in dBFS: 0 for a full-scale square wave, -3 for a sine,
    /// -120 for silence. Of the last block that had samples.
    pub level_dbfs: f32,
}

/// Watches a stream of 16 kHz samples for the beginning and the end of speech.
pub struct Activity {
    ear: Ear,
    /// Samples that wait for a whole window.
    waiting: Vec<f32>,
    background: Background,
    /// Moments so far.
    now: usize,
    utterance: Option<Utterance>,
    state: ActivityState,
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

impl Activity {
    /// One that has heard nothing.
    pub fn new() -> Self {
        Self {
            ear: Ear::new(),
            waiting: Vec::new(),
            background: Background::default(),
            now: 0,
            utterance: None,
            state: ActivityState { speaking: false, started: false, ended: false, level_dbfs: SILENCE_DBFS },
        }
    }

    /// Takes 16 kHz samples in -1..1, any number, and says what is known by now.
    pub fn push(&mut self, samples: &[f32]) -> ActivityState {
        if !samples.is_empty() {
            let squares: f32 = samples.iter().map(|sample| clean(*sample).powi(2)).sum();
            self.state.level_dbfs = decibels(squares / samples.len() as f32);
        }
        self.waiting.extend(samples.iter().copied().map(clean));
        let mut start = 0;
        while let Some(window) = self.waiting.get(start..start + WINDOW) {
            let moment = self.ear.hear(window);
            start += HOP;
            self.follow(moment);
        }
        self.waiting.drain(..start);
        self.state
    }

    fn follow(&mut self, moment: Moment) {
        let background = self.background.follow(moment.level);
        // A click is no measure of loudness.
        let speech = self.utterance.as_ref().filter(|utterance| utterance.is_speech());
        let faintest = speech.map_or(QUIETEST, |speech| speech.loudest - BELOW_LOUDEST);
        let threshold = (background + ABOVE_BACKGROUND).max(faintest).max(QUIETEST);
        let now = self.now;
        self.now += 1;
        if moment.level > threshold && moment.flatness < SPEECH_FLATNESS {
            match &mut self.utterance {
                // A sentence goes on after a pause; a noise does not become speech by being repeated.
                Some(utterance) if utterance.is_speech() || now - utterance.last <= BRIDGE => {
                    utterance.extend(now, moment);
                }
                utterance => *utterance = Some(Utterance::new(now, moment)),
            }
        }
        let Some(utterance) = &self.utterance else { return };
        let silence = now - utterance.last;
        self.state.started |= utterance.is_speech();
        self.state.speaking = utterance.is_speech() && silence <= BRIDGE;
        if silence >= ENDING_SILENCE {
            // A fan that was switched on stood out at first, until it became the background.
            let stood_out = utterance.loudest > background + ABOVE_BACKGROUND;
            let long_enough = utterance.length() >= SHORTEST_QUERY;
            self.state.ended |= utterance.is_speech() && long_enough && stood_out;
            self.state.started = self.state.ended;
            self.utterance = None;
        }
    }
}

/// Finds the speech of a clip of 16 kHz samples, with 0.15 s around it where the clip has as much.
///
/// # Errors
/// As [`speech_bounds`].
pub fn speech_range(samples: &[f32]) -> Result<Range<usize>, SoundError> {
    Ok(with_room(speech_bounds(samples)?, samples))
}

/// Speech of a clip with 0.15 s around it where the clip has as much.
pub fn with_room(speech: Range<usize>, samples: &[f32]) -> Range<usize> {
    speech.start.saturating_sub(MARGIN)..(speech.end + MARGIN).min(samples.len())
}

/// Where the speech of a clip of 16 kHz samples begins and ends. It may look at the whole clip, so it knows the background from the
/// beginning.
///
/// # Errors
/// [`SoundError::EmptyAudio`] for no samples; [`SoundError::NoSpeech`] for silence, steady noise, clicks and coughs.
pub fn speech_bounds(samples: &[f32]) -> Result<Range<usize>, SoundError> {
    if samples.is_empty() {
        return Err(SoundError::EmptyAudio);
    }
    let mut ear = Ear::new();
    let mut cleaned = vec![0.0; WINDOW];
    let moments: Vec<Moment> = samples
        .windows(WINDOW)
        .step_by(HOP)
        .map(|window| {
            cleaned.iter_mut().zip(window).for_each(|(out, sample)| *out = clean(*sample));
            ear.hear(&cleaned)
        })
        .collect();
    let threshold = threshold(&moments).ok_or(SoundError::NoSpeech)?;
    let mut utterances: Vec<Utterance> = Vec::new();
    for (now, moment) in moments.iter().enumerate() {
        if moment.level > threshold && moment.flatness < SPEECH_FLATNESS {
            match utterances.last_mut() {
                Some(last) if now - last.last <= BRIDGE => last.extend(now, *moment),
                _ => utterances.push(Utterance::new(now, *moment)),
            }
        }
    }
    if !utterances.iter().any(Utterance::is_speech) {
        return Err(SoundError::NoSpeech);
    }
    // Once there is speech, a word that stands alone counts when it is half as long; a click still does not.
    utterances.retain(|one| one.is_speech() || one.length() >= SHORTEST_SPEECH / 2 && one.voiced > 0);
    let (Some(first), Some(last)) = (utterances.first(), utterances.last()) else {
        return Err(SoundError::NoSpeech);
    };
    let loud = |moment: &Moment| moment.level > threshold;
    let before = reach(moments[..first.first].iter().rev().map(loud));
    let after = reach(moments[last.last + 1..].iter().map(loud));
    let start = (first.first - before) * HOP + (WINDOW - HOP) / 2;
    let end = (last.last + after) * HOP + (WINDOW + HOP) / 2;
    Ok(start..end)
}

/// The level above which a moment of a whole clip stands out, in dBFS; none where nothing does.
fn threshold(moments: &[Moment]) -> Option<f32> {
    let mut levels: Vec<f32> = moments.iter().map(|moment| moment.level).collect();
    levels.sort_by(f32::total_cmp);
    let background = levels.get(levels.len() / 10)?;
    // Not the very loudest: a click is no measure.
    let loudest = levels.get(levels.len().checked_sub(5)?)?;
    if loudest - background < ABOVE_BACKGROUND {
        return None;
    }
    // A clip that was cut to the word has hardly any background: then its quietest tenth is speech.
    let above = (background + ABOVE_BACKGROUND).min(loudest - 12.0);
    Some(above.max(loudest - BELOW_LOUDEST).max(QUIETEST))
}

/// How far loud moments go on from the edge of an utterance, at most 0.3 s and over gaps of at most 0.1 s: the hiss of
/// a first or last consonant, which is flat, and the burst that ends a word.
fn reach(loud: impl Iterator<Item = bool>) -> usize {
    let mut reached = 0;
    for (distance, is_loud) in loud.take(BRIDGE).enumerate() {
        if distance - reached > A_SECOND / 10 {
            break;
        }
        if is_loud {
            reached = distance + 1;
        }
    }
    reached
}

/// A stretch of moments that sound like speech; numbered from the beginning of the stream.
struct Utterance {
    first: usize,
    last: usize,
    voiced: usize,
    /// In dBFS.
    loudest: f32,
}

impl Utterance {
    fn new(now: usize, moment: Moment) -> Self {
        let mut new = Self { first: now, last: now, voiced: 0, loudest: moment.level };
        new.extend(now, moment);
        new
    }

    fn extend(&mut self, now: usize, moment: Moment) {
        self.last = now;
        self.loudest = self.loudest.max(moment.level);
        self.voiced += usize::from(moment.flatness < VOICED_FLATNESS);
    }

    fn length(&self) -> usize {
        self.last - self.first + 1
    }

    fn is_speech(&self) -> bool {
        self.length() >= SHORTEST_SPEECH && self.voiced >= LEAST_VOICED
    }
}

/// The quietest level of the last three seconds: speech, with its short gaps, hardly lifts it.
struct Background {
    /// Quietest level of each quarter of a second, the newest last.
    quarters: VecDeque<f32>,
    moments: usize,
    smooth: f32,
}

impl Default for Background {
    fn default() -> Self {
        Self { quarters: VecDeque::with_capacity(12), moments: 0, smooth: SILENCE_DBFS }
    }
}

impl Background {
    fn follow(&mut self, level: f32) -> f32 {
        // Over about 40 ms, or one lucky window would be the background.
        self.smooth = if self.moments == 0 { level } else { self.smooth + 0.25 * (level - self.smooth) };
        if self.moments.is_multiple_of(A_SECOND / 4) {
            if self.quarters.len() == 12 {
                self.quarters.pop_front();
            }
            self.quarters.push_back(f32::INFINITY);
        }
        self.moments += 1;
        if let Some(newest) = self.quarters.back_mut() {
            *newest = newest.min(self.smooth);
        }
        let quietest = self.quarters.iter().copied().fold(f32::INFINITY, f32::min);
        if self.moments < A_SECOND / 2 { quietest.min(UNKNOWN_BACKGROUND) } else { quietest }
    }
}

#[derive(Debug, Clone, Copy)]
struct Moment {
    /// Between 120 and 7000 Hz, in dBFS.
    level: f32,
    /// Between 200 and 5000 Hz: 0 for a tone, 1 for a flat spectrum.
    flatness: f32,
}

struct Ear {
    spectrum: Spectrum,
}

impl Ear {
    fn new() -> Self {
        Self { spectrum: Spectrum::new(periodic_hann()) }
    }

    fn hear(&mut self, window: &[f32]) -> Moment {
        let power = self.spectrum.power(window);
        let within =
            |hz: Range<usize>| &power[hz.start * WINDOW / SAMPLE_RATE..hz.end * WINDOW / SAMPLE_RATE];
        // Parseval, for one side of the spectrum and a Hann window, whose squares sum to 3/8 of its length.
        let mean_square = within(120..7_000).iter().sum::<f32>() * 2.0 / (0.375 * (WINDOW * WINDOW) as f32);
        let band = within(200..5_000);
        let mean = band.iter().sum::<f32>() / band.len() as f32 + f32::MIN_POSITIVE;
        let mean_log =
            band.iter().map(|power| (power / mean).max(1e-10).ln()).sum::<f32>() / band.len() as f32;
        Moment { level: decibels(mean_square), flatness: mean_log.exp() }
    }
}

fn decibels(mean_square: f32) -> f32 {
    (10.0 * mean_square.max(f32::MIN_POSITIVE).log10()).max(SILENCE_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// White noise with values from -peak to peak, the same every time.
    fn noise(length: usize, peak: f32) -> Vec<f32> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as f32 / 8_388_608.0 - 1.0) * peak
        };
        (0..length).map(|_| next()).collect()
    }

    /// A buzz like a vowel: harmonics of 120 Hz that fall off, swelling and fading within `seconds`.
    fn vowel(seconds: f32, peak: f32) -> Vec<f32> {
        let length = (seconds * SAMPLE_RATE as f32) as usize;
        let at = |n: usize| {
            let t = n as f32 / SAMPLE_RATE as f32;
            let buzz: f32 =
                (1..25).map(|k| (std::f32::consts::TAU * 120.0 * k as f32 * t).sin() / k as f32).sum();
            let swell = (std::f32::consts::PI * n as f32 / length as f32).sin();
            buzz * swell * peak / 1.85
        };
        (0..length).map(at).collect()
    }

    fn with_silence(before: f32, speech: &[f32], after: f32) -> Vec<f32> {
        let silence = |seconds: f32| vec![0.0; (seconds * SAMPLE_RATE as f32) as usize];
        let clip = [silence(before), speech.to_vec(), silence(after)].concat();
        clip.iter().zip(noise(clip.len(), 0.001)).map(|(sample, noise)| sample + noise).collect()
    }

    fn last_state(samples: &[f32]) -> ActivityState {
        let mut activity = Activity::new();
        samples.chunks(512).map(|block| activity.push(block)).last().unwrap()
    }

    #[test]
    fn silence_hiss_and_short_noises_are_no_speech() {
        let mut click = vec![0.0; 32_000];
        click[16_000] = 0.9;
        let cough = with_silence(1.0, &noise(2_200, 0.5), 1.0);
        let voiced_cough = with_silence(1.0, &vowel(0.14, 0.5), 1.0);
        let hum: Vec<f32> = (0..48_000).map(|n| (n as f32 * 0.08).sin() * 0.1).collect();
        let mut level = 0.0;
        let mut low_pass = |sample: f32| {
            level += 0.05 * (sample - level);
            level
        };
        let rumble = noise(160_000, 0.9).into_iter().map(&mut low_pass).collect();
        for (name, clip) in [
            ("silence", vec![0.0; 32_000]),
            ("faint hiss", noise(48_000, 0.001)),
            ("hiss", noise(48_000, 0.05)),
            ("loud hiss", noise(48_000, 0.9)),
            ("burst of hiss", with_silence(1.0, &noise(16_000, 0.5), 1.0)),
            ("click", click),
            ("cough", cough),
            ("voiced cough", voiced_cough),
            ("hum", hum),
            ("rumble", rumble),
            ("a few samples", vec![0.5; 100]),
        ] {
            assert_eq!(speech_range(&clip), Err(SoundError::NoSpeech), "{name}");
            let state = last_state(&clip);
            assert!(!state.started && !state.ended && !state.speaking, "{name}: {state:?}");
        }
        assert_eq!(speech_range(&[]), Err(SoundError::EmptyAudio));
    }

    #[test]
    fn short_and_quiet_words_are_found() {
        for (seconds, peak) in [(0.3, 0.5), (0.3, 0.02), (1.5, 0.02), (1.0, 1.0)] {
            let clip = with_silence(1.0, &vowel(seconds, peak), 1.2);
            let range = speech_range(&clip).unwrap();
            let end = 16_000 + (seconds * 16e3) as usize;
            assert!((12_800..16_000).contains(&range.start), "{seconds} s, {peak}: {range:?}");
            assert!((end..end + 3_200).contains(&range.end), "{seconds} s, {peak}: {range:?}");
            let state = last_state(&clip);
            assert!(state.started && state.ended && !state.speaking, "{seconds} s, {peak}: {state:?}");
        }
    }

    #[test]
    fn a_clip_cut_to_the_word_keeps_it_all() {
        let clip = vowel(0.5, 0.3);
        let range = speech_range(&clip).unwrap();
        assert!(range.start < 800 && range.end > clip.len() - 800, "{range:?}");
    }

    #[test]
    fn a_pause_within_a_sentence_does_not_end_it() {
        let pause = vec![0.0; 8_000];
        let sentence = [vowel(0.6, 0.3), pause, vowel(0.6, 0.1)].concat();
        let clip = with_silence(0.5, &sentence, 1.2);
        let mut activity = Activity::new();
        let states: Vec<ActivityState> = clip.chunks(160).map(|block| activity.push(block)).collect();
        let started = states.iter().position(|state| state.started).unwrap();
        let ended = states.iter().position(|state| state.ended).unwrap();
        assert!((60..90).contains(&started), "{started}");
        // Speech is over at 2.2 s; 0.9 s later it has ended.
        assert!((300..325).contains(&ended), "{ended}");
    }

    #[test]
    fn who_speaks_at_once_is_heard() {
        let clip = with_silence(0.0, &vowel(1.0, 0.1), 1.2);
        let state = last_state(&clip);
        assert!(state.started && state.ended);
    }

    #[test]
    fn speech_ends_in_a_noisy_room_too() {
        let mut clip = with_silence(1.0, &vowel(1.0, 0.3), 2.0);
        clip.iter_mut().zip(noise(64_000, 0.02)).for_each(|(sample, noise)| *sample += noise);
        let state = last_state(&clip);
        assert!(state.started && state.ended);
    }

    #[test]
    fn a_fan_that_is_switched_on_is_no_speech() {
        let fan: Vec<f32> = (0..160_000).map(|n| (n as f32 * 0.08).sin() * 0.1).collect();
        let state = last_state(&with_silence(2.0, &fan, 0.0));
        assert!(!state.started && !state.ended && !state.speaking, "{state:?}");
    }

    #[test]
    fn the_level_is_in_dbfs() {
        let mut activity = Activity::new();
        assert_eq!(activity.push(&[]).level_dbfs, SILENCE_DBFS);
        assert!((activity.push(&[0.1, -0.1]).level_dbfs + 20.0).abs() < 1e-3);
        assert_eq!(activity.push(&[0.0; 10]).level_dbfs, SILENCE_DBFS);
        assert!(activity.push(&[f32::NAN, f32::MAX]).level_dbfs.is_finite());
    }

    #[test]
    fn blocks_do_not_matter() {
        let clip = with_silence(0.3, &vowel(0.6, 0.2), 1.2);
        let end_of = |block: usize| {
            let mut activity = Activity::new();
            clip.chunks(block).position(|block| activity.push(block).ended).unwrap() * block
        };
        assert!(end_of(160).abs_diff(end_of(1_000)) <= 1_160);
    }
}
