//! The poster's systems, the controls that it lacked, and what its temporal branch is taken apart by.

use hearsight::poster::{Objective, PosterConfig, Shape, TemporalPool};

/// The audio network of a system.
#[derive(Clone, Copy, PartialEq)]
pub enum Audio {
    /// The convolutions of 2016.
    Cnn,
    /// The temporal branch beside convolutions of half the maps.
    Branch(TemporalPool),
    /// The temporal branch beside the whole convolutions.
    BranchBesideWhole,
}

/// A network with a loss and a learning rate.
#[derive(Clone)]
pub struct System {
    /// P0, P1 or P2.
    pub system: &'static str,
    /// What differs from the system itself; empty for the system.
    pub control: &'static str,
    /// What hears the speech.
    pub audio: Audio,
    /// What is minimised.
    pub objective: Objective,
    /// Times the base learning rate.
    pub rate: f64,
    /// Whether it is trained when none is named.
    pub standard: bool,
}

impl System {
    /// "P0", "P0-3x-rate".
    pub fn name(&self) -> String {
        name(self.system, self.control)
    }

    /// The network of this size.
    pub fn network(&self, shape: Shape) -> PosterConfig {
        let mut config = match self.audio {
            Audio::Cnn => PosterConfig::baseline(shape),
            Audio::Branch(_) | Audio::BranchBesideWhole => PosterConfig::with_temporal_branch(shape),
        };
        match (self.audio, &mut config.temporal) {
            (Audio::Branch(pool), Some(branch)) => branch.pool = pool,
            (Audio::BranchBesideWhole, _) => config.cnn = PosterConfig::baseline(shape).cnn,
            _ => {}
        }
        config
    }

    /// In words.
    pub fn what(&self) -> String {
        let network = match self.audio {
            Audio::Cnn => "CNN of 2016",
            Audio::Branch(TemporalPool::Last) => "TCN branch beside the reduced CNN",
            Audio::Branch(TemporalPool::Mean) => {
                "TCN branch, the mean of all its vectors, beside the reduced CNN"
            }
            Audio::Branch(TemporalPool::Max) => {
                "TCN branch, the maxima of all its vectors, beside the reduced CNN"
            }
            Audio::BranchBesideWhole => "TCN branch beside the whole CNN",
        };
        let loss = match self.objective {
            Objective::Baseline => "hinge with one imposter caption and image (2016)".into(),
            Objective::SixTerms => "six-term loss of the poster".into(),
            Objective::EightTerms => "six-term loss completed to eight terms".into(),
            Objective::Draws(count) => format!("hinge with {count} draws of imposters"),
            Objective::AllNegatives => "hinge with all imposters of the batch".into(),
            Objective::HardestNegatives => "hinge with the hardest imposter of the batch".into(),
            Objective::SemiHardNegatives => "hinge with the hardest imposter below the pair".into(),
            Objective::InfoNce(temperature) => format!("InfoNCE, temperature {temperature}"),
            Objective::Mms(margin) => format!("masked margin softmax, margin {margin}"),
            Objective::Amm(share) => format!("adaptive mean margin, share {share}"),
        };
        let rate =
            if self.rate == 1.0 { String::new() } else { format!(", {} times the learning rate", self.rate) };
        format!("{network}; {loss}{rate}")
    }
}

/// A system and what differs from it, as one name.
pub fn name(system: &str, control: &str) -> String {
    if control.is_empty() { system.to_owned() } else { format!("{system}-{control}") }
}

/// All of them; what tells most comes first.
pub fn all() -> Vec<System> {
    let cnn = |system, control, objective, rate, standard| System {
        system,
        control,
        audio: Audio::Cnn,
        objective,
        rate,
        standard,
    };
    let branch = |control, audio| System {
        system: "P2",
        control,
        audio,
        objective: Objective::SixTerms,
        rate: 1.0,
        standard: true,
    };
    vec![
        cnn("P0", "", Objective::Baseline, 1.0, true),
        cnn("P1", "", Objective::SixTerms, 1.0, true),
        branch("", Audio::Branch(TemporalPool::Last)),
        cnn("P0", "3-draws", Objective::Draws(3), 1.0, true),
        branch("mean", Audio::Branch(TemporalPool::Mean)),
        branch("whole-cnn", Audio::BranchBesideWhole),
        cnn("P0", "3x-rate", Objective::Baseline, 3.0, true),
        cnn("P0", "all-negatives", Objective::AllNegatives, 1.0, true),
        cnn("P0", "semi-hard", Objective::SemiHardNegatives, 1.0, true),
        cnn("P0", "hardest", Objective::HardestNegatives, 1.0, true),
        cnn("P0", "infonce", Objective::InfoNce(1.0), 1.0, true),
        cnn("P0", "mms", Objective::Mms(0.001), 1.0, true),
        branch("max", Audio::Branch(TemporalPool::Max)),
        cnn("P1", "8-terms", Objective::EightTerms, 1.0, true),
        cnn("P0", "amm", Objective::Amm(0.5), 1.0, false),
    ]
}
