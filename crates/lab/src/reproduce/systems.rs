//! The poster's systems and the controls that it lacked.

use hearsight::poster::Objective;
use hearsight::poster::{PosterConfig, Shape};

/// A network with a loss and a learning rate.
#[derive(Clone)]
pub struct System {
    /// P0, P1 or P2.
    pub system: &'static str,
    /// What differs from the system itself; empty for the system.
    pub control: &'static str,
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
        [self.system, self.control]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("-")
    }

    /// The network of this size.
    pub fn network(&self, shape: Shape) -> PosterConfig {
        match self.system {
            "P2" => PosterConfig::with_temporal_branch(shape),
            _ => PosterConfig::baseline(shape),
        }
    }

    /// In words.
    pub fn what(&self) -> String {
        let network = match self.system {
            "P2" => "TCN branch beside the reduced CNN",
            _ => "CNN of 2016",
        };
        let loss = match self.objective {
            Objective::Baseline => "hinge with one imposter caption and image (2016)".into(),
            Objective::SixTerms => "six-term loss of the poster".into(),
            Objective::EightTerms => "six-term loss completed to eight terms".into(),
            Objective::Draws(count) => format!("hinge with {count} draws of imposters"),
            Objective::AllNegatives => "hinge with all imposters of the batch".into(),
            Objective::HardestNegatives => "hinge with the hardest imposter of the batch".into(),
            Objective::InfoNce(temperature) => format!("InfoNCE, temperature {temperature}"),
            Objective::Mms(margin) => format!("masked margin softmax, margin {margin}"),
            Objective::Amm(share) => format!("adaptive mean margin, share {share}"),
        };
        let rate =
            if self.rate == 1.0 { String::new() } else { format!(", {} times the learning rate", self.rate) };
        format!("{network}; {loss}{rate}")
    }
}

/// All of them, the systems first.
pub fn all() -> Vec<System> {
    let of =
        |system, control, objective, rate, standard| System { system, control, objective, rate, standard };
    vec![
        of("P0", "", Objective::Baseline, 1.0, true),
        of("P1", "", Objective::SixTerms, 1.0, true),
        of("P2", "", Objective::SixTerms, 1.0, true),
        of("P0", "3x-rate", Objective::Baseline, 3.0, true),
        of("P0", "3-draws", Objective::Draws(3), 1.0, true),
        of("P1", "8-terms", Objective::EightTerms, 1.0, true),
        of("P0", "all-negatives", Objective::AllNegatives, 1.0, false),
        of("P0", "hardest", Objective::HardestNegatives, 1.0, false),
        of("P0", "infonce", Objective::InfoNce(1.0), 1.0, false),
        of("P0", "mms", Objective::Mms(0.001), 1.0, false),
        of("P0", "amm", Objective::Amm(0.5), 1.0, false),
    ]
}
