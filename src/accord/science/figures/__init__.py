"""Pictures: plain values in, one SVG element out. The one picture grammar, for reports and pages alike."""

from accord.science.figures.acceptability_curve import AcceptabilityCurve
from accord.science.figures.bars import BarRow, Bars
from accord.science.figures.bubble import Bubble, Bubbles, LinePoint
from accord.science.figures.calibration import Calibration, CalibrationBin
from accord.science.figures.caterpillar import Caterpillar, Effect
from accord.science.figures.cost_plane import CostPlane
from accord.science.figures.courses import Course, Courses, Phase
from accord.science.figures.decision_curve import DecisionCurve, DecisionPoint
from accord.science.figures.figure import NARROW, WIDE, Figure
from accord.science.figures.flow import Arm, Flow, Reason, Stage
from accord.science.figures.forest import Forest, ForestRow, Published
from accord.science.figures.funnel_bars import FunnelBars, FunnelStage
from accord.science.figures.funnel_plot import ContourFunnel, FunnelPoint
from accord.science.figures.lag_map import LagMap
from accord.science.figures.lag_profile import LagPoint, LagProfile
from accord.science.figures.mechanism_map import Leg, MechanismMap
from accord.science.figures.missing_pattern import MissingPattern, Pattern
from accord.science.figures.person_timeline import LANES, Happening, Outcome, PersonTimeline
from accord.science.figures.power_curve import PowerCurvePicture, PowerDot
from accord.science.figures.prisma import Prisma, read_prisma
from accord.science.figures.sparkline import Sparkline
from accord.science.figures.surrogates import SurrogateBars
from accord.science.figures.survival_curves import Step, SurvivalCurve, SurvivalCurves
from accord.science.figures.synchrony_overview import OverviewColumn, OverviewDot, SynchronyOverview
from accord.science.figures.trajectories import Panel, Reading, Threshold, TimePoint, Trajectories, Trajectory
from accord.science.figures.varying_effect import VaryingEffect

__all__ = [
    "LANES", "NARROW", "WIDE", "AcceptabilityCurve", "Arm", "BarRow", "Bars", "Bubble", "Bubbles", "Calibration",
    "CalibrationBin", "Caterpillar", "ContourFunnel", "CostPlane", "Course", "Courses", "DecisionCurve",
    "DecisionPoint", "Effect", "Figure", "Flow", "Forest", "ForestRow",
    "FunnelBars", "FunnelPoint", "FunnelStage", "Happening", "LagMap", "LagPoint", "LagProfile", "Leg", "LinePoint",
    "MechanismMap", "MissingPattern", "Outcome", "OverviewColumn", "OverviewDot", "Panel", "Pattern",
    "PersonTimeline", "Phase", "PowerCurvePicture", "PowerDot", "Prisma", "Published", "Reading", "Reason",
    "Sparkline", "Stage", "Step", "SurrogateBars", "SurvivalCurve", "SurvivalCurves", "SynchronyOverview",
    "Threshold", "TimePoint", "Trajectories", "Trajectory", "VaryingEffect", "read_prisma",
]  # fmt: skip
