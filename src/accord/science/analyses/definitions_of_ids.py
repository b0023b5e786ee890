"""What each number of an analysis is: words, formula, rows it comes from. One line a kind of id.

In a pattern `<S>` is a scale, `<T>` a time-point, `<A>` an arm, `<G>` a stage, `<C>` a contrast, `<V>` any code; what
stands in brackets may be left out. The same names in braces are filled with the protocol's own words.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of number."""

    pattern: str
    words: str
    formula: str
    rows: str


OUTCOMES = (
    Kind("change.<S>.<T>[.<A>]", "Mean improvement in {S}, {T}{A}, in points of the scale; positive is better.",
         "sign × (adjusted mean at {T} − adjusted mean at baseline); mixed model for repeated measures of all "
         "values at all time-points, unstructured covariance", "scores"),
    Kind("g.<S>.<T>[.<A>]", "The same improvement in {S}, {T}{A}, in standard deviations of all analysed people at "
         "baseline.", "change ÷ SD at baseline", "scores"),
    Kind("g_completers.<S>.<T>[.<A>]", "Improvement in {S}, {T}{A}, of people who answered both times.",
         "Hedges g: mean of (sign × (later − baseline)) ÷ their own SD at baseline × J(n − 1)", "scores"),
    Kind("percent.<S>.<T>[.<A>]", "Improvement in {S}, {T}{A}, in per cent of the mean at baseline, counted from "
         "the scale's true zero.", "100 × change ÷ (adjusted mean at baseline − zero)", "scores"),
    Kind("percent_raw.<S>.<T>[.<A>]", "The same in per cent of the raw score at baseline.",
         "100 × change ÷ adjusted mean at baseline", "scores"),
    Kind("percent_gee.<S>.<T>", "Improvement in {S}, {T}, in per cent, by another model over the values observed.",
         "100 × (1 − exp(coefficient of the time-point)); generalised estimating equations, gamma, log link",
         "scores"),
    Kind("median_change.<S>.<T>", "Median of the improvements in {S}, {T}, of people with both values.",
         "median of sign × (later − baseline); order-statistic limits", "scores"),
    Kind("hodges_lehmann.<S>.<T>", "Middle of all pairwise means of the improvements in {S}, {T}.",
         "median of (dᵢ + dⱼ) ÷ 2; Wilcoxon's signed-rank test", "scores"),
    Kind("contrast.<S>.<T>.<C>", "Improvement in {S}, {T}, of the first side of {C} minus that of the second.",
         "difference of adjusted changes, by the first model of the protocol that can be estimated",
         "scores, allocation"),
    Kind("contrast_g.<S>.<T>.<C>", "The same difference in standard deviations at baseline.",
         "contrast ÷ SD at baseline", "scores, allocation"),
    Kind("sensitivity.completers.<S>.<T>[.<A>]", "Change in {S}, {T}, of people with both values only.",
         "mean of sign × (later − baseline)", "scores"),
    Kind("sensitivity.baseline_carried.<S>.<T>", "Change in {S}, {T}, if whoever has no value had not changed.",
         "mean of sign × (later − baseline), missing counted as 0", "scores"),
    Kind("sensitivity.gee.<S>.<T>", "Change in {S}, {T}, by generalised estimating equations over the values "
         "observed.", "difference of means, exchangeable working correlation", "scores"),
    Kind("sensitivity.independent.<S>.<T>[.<A>]", "Change in {S}, {T}, as if nobody shared a therapist or group.",
         "mixed model for repeated measures of all values at all time-points, unstructured covariance, people as "
         "independent", "scores"),
    Kind("sensitivity.chained_equations.<S>.<T>[.<A>]", "Change in {S}, {T}, missing values imputed.",
         "chained equations from baseline, other time-points, arm and covariates; 20 imputed sets joined by "
         "Rubin's rules", "scores"),
    Kind("sensitivity.completion_replaced.<S>.<T>[.<A>]", "Change in {S}, {T}, missing values imputed from how "
         "much was completed.", "imputed from baseline, arm, covariates and share of lessons; 20 imputed sets "
         "joined by Rubin's rules", "scores, lessons"),
    Kind("sensitivity.<V>.<S>.<T>[.<A>]", "Change in {S}, {T}, under the other assumption or population {V}.",
         "as the method of the estimate says", "scores"),
    Kind("responders.<S>.<T>[.<A>]", "Share at least {percent} % better in {S}, {T}, of all with a distance at "
         "baseline and a later value.", "people with 100 × improvement ÷ (baseline − zero) ≥ {percent} ÷ people "
         "with both values; Wilson interval", "scores"),
    Kind("responders_with_room.<S>.<T>[.<A>]", "The same among those with room to improve: at least a fifth of the "
         "scale from its best value.", "as responders, of people with room", "scores"),
    Kind("reliably_improved.<S>.<T>[.<A>]", "Share whose improvement in {S}, {T}, is beyond measurement error.",
         "people with improvement > 1.96 × SD × √(2 (1 − reliability)) ÷ people with both values; Wilson interval",
         "scores"),
    Kind("reliably_worse.<S>.<T>[.<A>]", "Share whose worsening in {S}, {T}, is beyond measurement error.",
         "people with worsening > 1.96 × SD × √(2 (1 − reliability)) ÷ people with both values; Wilson interval",
         "scores"),
    Kind("individual.<R>.<K>.<S>.<T>[.<A>]", "Share of people {K} in {S}, {T}, by the rule of {R}.",
         "people beyond the rule's limit ÷ people with both values; Wilson interval", "scores"),
    Kind("nnt.<S>.<T>.<C>", "How many people must be treated for one more to respond.", "1 ÷ difference of shares",
         "scores"),
    Kind("icc.<L>.<S>.<T>[.<A>]", "Share of the variance of {S}, {T}, adjusted for baseline, that lies between "
         "{L}s.", "variance between ÷ (between + within); linear mixed model", "scores, participants"),
    Kind("icc_latent.<L>.<S>.<T>", "Share of the latent variable behind being a responder that lies between {L}s.",
         "variance between ÷ (between + π²/3); logistic mixed model", "scores, participants"),
    Kind("slope.<S>.<V>[.<A>]", "Improvement in {S} a week, over {V}.", "mean slope over weeks; linear mixed model "
         "with random intercepts and slopes", "scores"),
    Kind("slope_contrast.<S>.<V>.<C>", "Improvement a week of the first side of {C} minus that of the second.",
         "difference of slopes", "scores"),
    Kind("association.<V>.<V>", "How a rating of the process goes with later change; goes with, not brings about.",
         "SDs of later change per SD of the rating", "scores"),
)  # fmt: skip
PEOPLE = (
    Kind("funnel.<G>", "Share of {of} who reached the stage “{G}”: {rule}.", "people in {of} who meet the rule ÷ "
         "people in {of}; Wilson interval", "{rows}"),
    Kind("reached.<G>", "How many people are in the stage “{G}”: {rule}.", "count of people who meet the rule",
         "{rows}"),
    Kind("stage_wait.<G>", "Days from {of} to “{G}”, of people who got there. Who has not got there is not in it.",
         "median of day reached − day of the stage before; order-statistic limits", "{rows}"),
    Kind("stay.<T>[.<A>]", "Share still there on the last planned day of {T}.", "Kaplan–Meier; leaving is a "
         "withdrawal or a loss of contact; log–log limits", "events"),
    Kind("hazard_ratio.leaving.<A>", "How much sooner people leave{A}.", "exp(coefficient); Cox regression",
         "events"),
    Kind("prediction.<Q>", "How well what is known at baseline tells {Q}: 0.5 is chance, 1 is perfect.",
         "area under the curve on people not used to fit the model; logistic regression",
         "participants, scores, events"),
    Kind("odds_ratio.responders.<S>.<T>.<V>", "How the odds of being better go with {V}, within therapists.",
         "exp(coefficient); logistic mixed model", "scores, participants"),
    Kind("odds_ratio.<Q>.<V…>", "How the odds of {Q} go with {V}, all in one model; for numbers per standard "
         "deviation.", "exp(coefficient); logistic regression, complete cases", "participants, scores, events"),
    Kind("equity.<O>.<W>.<V>", "Share of people {O}, in the group {V} of {W}. Groups of fewer than ten are pooled "
         "so that no subtraction brings them out.", "people in the group who {O_short} ÷ people in the group of "
         "whom it is known; Wilson interval", "participants, events, lessons, scores"),
    Kind("satisfaction.<S>.<T>.<V>", "Share who gave answer {V} to {S}, {T}.", "people with the answer ÷ people "
         "who answered; Wilson interval", "scores"),
    Kind("minutes.all", "Mean therapist minutes of a person who began, over all contacts.",
         "sum of minutes ÷ people who began; t interval", "contacts"),
    Kind("minutes.<V>", "Mean therapist minutes of a person who began, in contacts that are {V}.",
         "sum of minutes of that mode ÷ people who began; t interval", "contacts"),
    Kind("mean_count.<V>[.<A>]", "Mean number of {V} per person.", "mean of a negative binomial model",
         "events, contacts"),
    Kind("rate.<V>[.<A>]", "{V} per person and year of what is recorded of her.", "exp(intercept), offset log years",
         "events, contacts"),
    Kind("rate_ratio.<V>.<A>", "Rate of {V}{A} over that of the other arm.", "exp(coefficient)", "events, contacts"),
    Kind("harms.any[.<A>]", "Share of people with at least one adverse event.", "people with a row ÷ people "
         "analysed; Wilson interval", "events of kind adverse_event"),
    Kind("harms.serious[.<A>]", "Share of people with at least one serious adverse event.",
         "people with a row of severity serious ÷ people analysed; Wilson interval", "events of kind adverse_event"),
    Kind("harms.<S>.<T>[.<A>]", "Share of those asked, {T}, who put an unwanted effect down to the treatment.",
         "people with one or more ÷ people who answered; Wilson interval", "scores"),
    Kind("harm_events.all", "Adverse events of the people analysed.", "count of rows",
         "events of kind adverse_event"),
    Kind("harm_events.severity.<V>", "Adverse events that were {V}.", "count of rows", "events: severity"),
    Kind("harm_events.causality.<V>", "Adverse events whose relation to the treatment was judged {V}.",
         "count of rows", "events: causality"),
    Kind("harm_events.serious.<V>", "Serious adverse events: {V}.", "count of rows of severity serious",
         "events: reason"),
    Kind("blinding.<V>.<T>[.<A>]", "Whether people guessed their arm.", "Bang's or James's index", "events, scores"),
    Kind("used.<V…>", "Mean amount of a resource used per person who answered.", "mean", "costs, scores"),
    Kind("cost.<V…>", "Mean cost per person.", "mean of quantity × price", "costs, contacts"),
    Kind("cost_per.<G>", "Cost of the programme per person of {G}: a description.", "total cost ÷ people",
         "costs, contacts"),
)  # fmt: skip
SERVICE = (
    Kind("wait.<P>.median", "Days from referral within which half reach {P}.",
         "the first day on which Kaplan–Meier's curve is down to half; who still waits, or left before, counts as "
         "long as she waited; log–log limits", "events (referral, {P_event}), lessons, sessions, participants: "
         "counted_day"),
    Kind("wait.<P>.p90", "Days from referral within which nine of ten reach {P}.",
         "the first day on which Kaplan–Meier's curve is down to a tenth; who still waits, or left before, counts "
         "as long as she waited; log–log limits", "events (referral, {P_event}), lessons, sessions, participants: "
         "counted_day"),
    Kind("wait.<P>.now", "People who wait now for {P}: referred, not there yet, not turned away, not gone.",
         "count on the day of counting", "events, participants: counted_day"),
    Kind("wait.<P>.longest", "The longest time that anybody has waited until now for {P}.",
         "highest (day of counting − day of referral) of who waits", "events, participants: counted_day"),
    Kind("acknowledged.in_time", "Share of referrals that heard within {acknowledgement} hours that they had "
         "arrived. Whose time is not over yet is not counted.", "acknowledged within the time ÷ (acknowledged + "
         "time over); Wilson interval", "events: hours of kind acknowledged"),
    Kind("replies.messages", "Messages of people that asked for an answer of the service, answered or not.",
         "count of rows", "replies"),
    Kind("replies.in_time", "Share of messages answered within the time promised to that person. Open ones count "
         "once the time is over.", "answered in time ÷ (answered + overdue); Wilson interval", "replies"),
    Kind("replies.median_hours", "Hours within which half of the messages are answered.",
         "the first hour on which Kaplan–Meier's curve is down to half; who still waits, or left before, counts as "
         "long as she waited; log–log limits", "replies"),
    Kind("replies.p90_hours", "Hours within which nine of ten messages are answered.",
         "the first hour on which Kaplan–Meier's curve is down to a tenth; who still waits, or left before, counts "
         "as long as she waited; log–log limits", "replies"),
    Kind("replies.waiting", "Messages not answered on the day of counting.", "count of rows without an answer",
         "replies"),
    Kind("replies.overdue", "Messages not answered although the promised time is over.",
         "count of rows with waiting hours > promised hours", "replies"),
    Kind("alerts.raised[.<X>]", "Alerts raised{X}.", "count of rows", "alerts"),
    Kind("alerts.acknowledged_in_time[.<X>]", "Share of alerts{X} that somebody took within the time the safety "
         "ladder promises.", "taken in time ÷ (taken + not taken and time over); Wilson interval", "alerts"),
    Kind("alerts.contacted_in_time[.<X>]", "Share of alerts{X} after which somebody tried to reach the person "
         "within the time the safety ladder promises.", "tried in time ÷ (tried + not tried and time over), where "
         "a time is promised; Wilson interval", "alerts"),
    Kind("alerts.open[.<X>]", "Alerts{X} that nobody has closed.", "count of rows without closed_hours", "alerts"),
    Kind("alerts.overdue[.<X>]", "Open alerts{X} that nobody has taken although the promised time is over.",
         "count of rows with open_hours > promised_hours and nobody's acknowledgement", "alerts"),
    Kind("alerts_open.<V>", "Open alerts that are {V} old.", "count of rows by open_hours", "alerts"),
    Kind("alerts_closed.<V>", "Alerts closed with the reason {V}.", "count of rows", "alerts"),
    Kind("complaints.made", "Complaints made.", "count of rows", "complaints"),
    Kind("complaints.acknowledged", "Share of complaints that were acknowledged or answered.",
         "with either ÷ all; Wilson interval", "complaints"),
    Kind("complaints.answered_in_time", "Share of complaints answered (or closed) within the days promised. Open "
         "ones count once the time is over.", "answered in time ÷ (answered + time over); Wilson interval",
         "complaints"),
    Kind("complaints.median_days", "Days within which half of the complaints are answered.",
         "the first day on which Kaplan–Meier's curve is down to half; who still waits, or left before, counts as "
         "long as she waited; log–log limits", "complaints"),
    Kind("complaints.open", "Complaints that nobody has closed.", "count of rows without closed_days", "complaints"),
    Kind("complaints.overdue", "Open complaints not answered although the promised time is over.",
         "count of rows with open_days > promised_days and no answer", "complaints"),
    Kind("complaints.about.<V>", "Complaints about {V}.", "count of rows", "complaints"),
    Kind("rescues.given", "Calls, messages and technical help for who had not started or had gone quiet.",
         "count of rows", "rescues"),
    Kind("rescues.people", "People for whom that was done.", "count of people", "rescues"),
    Kind("rescues.minutes", "Minutes that it took.", "sum of minutes", "rescues"),
    Kind("rescue.<W>.<V>.given", "How often {V} was done for who was {W}.", "count of rows", "rescues"),
    Kind("rescue.<W>.<V>.came", "Share of those who were {W} and for whom {V} was done who began or came back "
         "within 14 days.", "people back within 14 days ÷ people in the state when it was done and seen for 14 "
         "days; Wilson interval", "rescues, events, lessons, sessions, scores, replies"),
    Kind("rescue.<W>.<V>.others", "The same of people who were {W} for as long and for whom nothing was done.",
         "people back within 14 days of the median day on which it was done ÷ people in the state on that day of "
         "it; Wilson interval", "rescues, events, lessons, sessions, scores, replies"),
    Kind("rescue.<W>.<V>.difference", "The first share minus the second. Who was called was chosen, not drawn: no "
         "effect is shown.", "difference of shares; Newcombe's limits", "rescues, events, lessons, sessions, "
         "scores, replies"),
    Kind("cover.therapists", "Therapists of the service.", "count of rows", "therapists"),
    Kind("cover.people", "People whom therapists answer for now.", "sum of people_now", "therapists"),
    Kind("cover.places", "Places agreed with therapists.", "sum of places", "therapists"),
    Kind("cover.fewest", "Fewest people of one therapist.", "lowest people_now", "therapists"),
    Kind("cover.median", "The therapist in the middle answers for so many people.", "median of people_now",
         "therapists"),
    Kind("cover.most", "Most people of one therapist.", "highest people_now", "therapists"),
    Kind("cover.over", "Therapists who answer for more people than places were agreed.",
         "count of people_now > places", "therapists"),
    Kind("cover.away", "Therapists away now.", "count of away", "therapists"),
    Kind("cover.uncovered", "Therapists away now with nobody there to stand in.", "count of away and not covered",
         "therapists"),
    Kind("load.<V…>", "People whom this therapist answers for now. It says nothing on how well.", "people_now",
         "therapists"),
)  # fmt: skip
KINDS = (*OUTCOMES, *PEOPLE, *SERVICE)
