"""Step rules in continuous time: what signs, clipping, weight decay and averages make of SGD's limit.

Never holds a step of SGD: rules are read by their names and numbers.
"""

from theory.equations.step_rules.decay import decayed
from theory.equations.step_rules.limit import limit_of_rules, require_known_order
from theory.equations.step_rules.reading import ReadRules, read_rules, require_normal_noise

__all__ = ["ReadRules", "decayed", "limit_of_rules", "read_rules", "require_known_order", "require_normal_noise"]
