"""What must hold between the clauses of a protocol: one small file for each family of rules, C1 to C39 and E5."""

from accord.science.protocols.check.check import CheckReport, check_protocol, inspect_protocol
from accord.science.protocols.check.false_alarms import FalseAlarms, flag_rate

__all__ = ["CheckReport", "FalseAlarms", "check_protocol", "flag_rate", "inspect_protocol"]
