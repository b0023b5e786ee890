"""What one study more or less changes, groups, moderators, many outcomes, and what looks wrong in the input."""

import json

import numpy as np
import polars as pl
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.synthesis import (
    check_variances,
    cumulative,
    influence,
    leave_one_out,
    outliers,
    permutation_test,
    pool,
    pool_many,
    shrunken_effects,
    subgroups,
    swapped_arms,
)

Y = np.array([0.12, 0.55, 0.31, 0.90, -0.10, 0.44, 0.28, 0.71])
V = np.array([0.02, 0.05, 0.03, 0.09, 0.04, 0.01, 0.06, 0.08])
ARMS = ["a", "a", "b", "b", "b", "a", "c", "a"]


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "DL", "HE", "HS", "SJ", "FE"])
@pytest.mark.parametrize("test", ["z", "knha", "knha-truncated"])
class TestManyAtOnceIsOneByOne:
    """All batches go through one solver; each row must be what `pool` gives."""

    FIELDS = ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "h2", "q", "q_p", "pi_low", "pi_high")

    def same(self, rows, place, one):
        for field in self.FIELDS:
            assert getattr(rows, field)[place] == pytest.approx(getattr(one, field), rel=1e-7, abs=1e-10, nan_ok=True)
        assert rows.k[place] == one.k

    def test_outcomes_with_holes(self, method, test):
        rng = np.random.default_rng(3)
        y, v = rng.normal(0.3, 0.5, (12, 9)), rng.uniform(0.02, 0.3, (12, 9))
        y[rng.random(y.shape) < 0.3] = np.nan
        y[5], y[6, 1:], y[6, 0] = np.nan, np.nan, 0.4
        rows = pool_many(y, v, method=method, test=test, prediction="cochrane")
        for n in range(12):
            if n != 5:
                there = np.isfinite(y[n])
                one = pool(y[n][there], v[n][there], method=method, test=test, prediction="cochrane")
                self.same(rows, n, one)
        assert rows.k[5] == 0
        assert np.isnan(rows.estimate[5])
        assert rows.table().row(5, named=True)["se"] is None

    def test_leave_one_out_and_cumulative(self, method, test):
        whole = pool(Y, V, method=method, test=test)
        left, grown = leave_one_out(whole), cumulative(whole, by=-np.arange(8))
        for n in range(8):
            rest = np.arange(8) != n
            self.same(left, n, pool(Y[rest], V[rest], method=method, test=test))
            self.same(grown, n, pool(Y[::-1][: n + 1], V[::-1][: n + 1], method=method, test=test))
        assert grown.labels[0] == "study 8"

    def test_groups(self, method, test):
        divided = subgroups(pool(Y, V, method=method, test=test), ARMS)
        for n, group in enumerate(("a", "b", "c")):
            member = np.array(ARMS) == group
            self.same(divided.groups, n, pool(Y[member], V[member], method=method, test=test))


def test_influence_is_what_leaving_out_gives():
    whole = pool(Y, V, mods={"x": np.arange(8.0)}, test="knha")
    measured = influence(whole)
    rest = np.arange(8) != 3
    without = pool(Y[rest], V[rest], mods={"x": np.arange(8.0)[rest]}, test="knha")
    at = without.combination([1, 3.0])
    own = without.scale * (V[3] + without.tau2)
    assert measured.rstudent[3] == pytest.approx((Y[3] - at.value) / np.sqrt(own + at.se**2))
    moved = whole.coefficients - without.coefficients
    assert measured.cook_d[3] == pytest.approx(moved @ np.linalg.inv(whole.covariance) @ moved)
    assert measured.hat.sum() == pytest.approx(2)
    assert "The furthest" in measured.summary()
    assert len(measured.plot().rows) == 8


def test_a_study_that_carries_a_level_alone_has_no_influence_measures():
    whole = pool(Y, V, mods={"arm": ARMS})
    measured = influence(whole)
    assert np.isnan(measured.rstudent[6])
    assert not measured.influential[6]
    assert np.isfinite(np.delete(measured.rstudent, 6)).all()
    with pytest.raises(NotEstimable, match="Without study 7"):
        leave_one_out(whole)


def test_shrunken_effects_lie_between_the_study_and_the_whole():
    whole = pool(Y, V)
    drawn = shrunken_effects(whole)
    between = (drawn.estimate - Y) * (drawn.estimate - whole.estimate)
    assert (between <= 0).all()
    assert drawn.share.argmax() == V.argmin()
    assert "run from" in drawn.summary()
    assert len(drawn.plot().rows) == drawn.table().height == 8
    assert json.dumps(drawn.to_dict())


def test_too_few_to_leave_one_out():
    with pytest.raises(NotEstimable, match="none can be left out"):
        influence(pool([1.0], [0.1]))
    assert leave_one_out(pool([0.0, 1.0], [0.1, 0.2])).estimate.tolist() == [1.0, 0.0]


class TestOutliers:
    def test_interval(self):
        """Eight studies near 0.4 and one at 4.9, as where standard errors were entered as SDs."""
        found = outliers(pool([*Y, 4.9], [*V, 0.1]))
        assert found.labels == ("study 9",)
        assert found.after.estimate == pytest.approx(pool(Y, V).estimate)
        assert found.table()["k"].to_list() == [9, 8]
        assert "to be explained" in found.summary()
        assert json.dumps(found.to_dict())

    @pytest.mark.parametrize("rule", ["rstudent", "influence"])
    def test_other_rules(self, rule):
        assert outliers(pool([*Y, 4.9], [*V, 0.1]), rule=rule).labels == ("study 9",)
        assert outliers(pool(Y, V), rule=rule, limit=9).labels == ()

    def test_refusals(self):
        with pytest.raises(BadInput, match="No rule"):
            outliers(pool(Y, V), rule="eye")
        with pytest.raises(NotEstimable, match="outliers"):
            outliers(pool([0.0, 0.0, 9.0, 9.0], [0.01] * 4, method="FE"))


class TestSubgroups:
    def test_two_groups_are_a_moderator(self):
        """With a common τ² the test between two groups is the test of the indicator."""
        two = ["a", "a", "b", "b", "b", "a", "b", "a"]
        for test in ("z", "knha"):
            whole = pool(Y, V, test=test)
            divided, model = subgroups(whole, two, tau2="common"), pool(Y, V, mods={"two": two}, test=test)
            assert (divided.statistic, divided.p) == pytest.approx((model.qm, model.qm_p))
            assert divided.groups.estimate[1] == pytest.approx(float(model.combination([1, 1]).value))

    def test_words(self):
        divided = subgroups(pool(Y, V), ARMS, by="control")
        assert "not shown to differ" in divided.summary()
        assert divided.table().columns[0] == "control"
        assert [row.kind for row in divided.plot().rows].count("heading") == 3
        assert json.dumps(divided.to_dict())

    def test_refusals(self):
        whole = pool(Y, V)
        with pytest.raises(NotEstimable, match="one group only"):
            subgroups(whole, ["a"] * 8)
        with pytest.raises(BadInput, match="7 groups for 8"):
            subgroups(whole, ARMS[1:])
        with pytest.raises(BadInput, match="has no group"):
            subgroups(whole, [None, *ARMS[1:]])
        with pytest.raises(NotEstimable, match="without moderators"):
            subgroups(pool(Y, V, mods={"x": V}), ARMS)


class TestPermutation:
    def test_same_seed_same_p(self):
        model = pool(Y, V, mods={"x": np.arange(8.0)})
        one, again, other = (permutation_test(model, iterations=300, seed=s) for s in (4, 4, 5))
        assert one.p.tolist() == again.p.tolist() != other.p.tolist()
        assert "300 random arrangements" in one.summary()

    def test_exact_when_it_can_be(self):
        """Five studies: 32 signs; all positive effects leave two arrangements as extreme."""
        exact = permutation_test(pool(np.abs(Y[:5]), [0.1] * 5, method="FE"))
        assert (exact.p[0], exact.exact, exact.iterations) == (2 / 32, True, 32)
        with pytest.raises(NotEstimable, match="too many"):
            permutation_test(pool(np.tile(Y, 3) + np.arange(24), np.tile(V, 3)), exact=True)

    def test_no_effect_gives_a_level_p(self):
        """Over 200 null data sets p <= .10 in about a tenth."""
        rng = np.random.default_rng(11)
        small = 0
        for _ in range(200):
            y, v, x = rng.normal(0, 0.4, 7), rng.uniform(0.02, 0.1, 7), rng.normal(size=7)
            small += permutation_test(pool(y, v, mods={"x": x}, method="DL"), iterations=99).qm_p <= 0.10
        assert 8 <= small <= 34


class TestMany:
    def test_refusals(self):
        with pytest.raises(BadInput, match=r"study 2 in pain is -0\.1"):
            pool_many([[0.1, 0.2]], [[0.1, -0.1]], labels=["pain"])
        with pytest.raises(BadInput, match="differ in shape"):
            pool_many([[0.1, 0.2]], [[0.1]])
        with pytest.raises(BadInput, match="1 dimensions"):
            pool_many([0.1], [0.1])
        with pytest.raises(BadInput, match="no numbers"):
            pool_many([["0,1"]], [[0.1]])
        with pytest.raises(NotEstimable, match="nothing to pool"):
            pool_many(np.zeros((0, 3)), np.zeros((0, 3)))

    def test_views(self):
        rows = pool_many([Y, Y + 1], [V, V], labels=["pain", "mood"])
        assert rows.row("mood")["estimate"] == pytest.approx(rows.row("pain")["estimate"] + 1)
        assert "from 0.35 (pain) to 1.35 (mood)" in rows.summary()
        assert json.dumps(rows.to_dict())
        assert rows.plot().svg().startswith("<svg")


class TestWhatLooksWrong:
    def rules(self, *args, **options):
        return [finding.rule for finding in pool(*args, **options).warnings]

    def test_dependent_effects(self):
        labels = ["Alda 2011", "Alda 2011", *"cdefgh"]
        found = pool(Y, V, labels=labels).warnings
        assert [f.rule for f in found] == ["dependent"]
        assert found[0].what.startswith("8 effects come from 7 studies (Alda 2011 with several)")
        assert "three_level" in found[0].cure

    def test_arms_of_one_trial(self):
        labels = ["Dear 2015a", "Dear 2015b", "Dear 2015c", "Buhrman 2013cbt", "Buhrman 2013act", "Lin 2017", "x", "y"]
        found = pool(Y, V, labels=labels).warnings
        assert [f.rule for f in found] == ["shared control"]
        assert "Dear 2015a, Dear 2015b, Dear 2015c" in found[0].what
        assert "Buhrman" not in found[0].what

    def test_large_standardised_effects(self):
        assert self.rules([*Y, 4.9], [*V, 0.1], measure="SMD") == ["large"]
        assert self.rules([*Y, 4.9], [*V, 0.1], measure="MD") == []
        assert "SD = SE·√n" in pool([*Y, 4.9], [*V, 0.1], measure="SMD").warnings[0].cure

    def test_variances_of_unlike_units(self):
        assert self.rules(Y, [1e-9, *V[1:]]) == ["variances"]

    def test_standard_errors_in_the_column_of_variances(self):
        """100 people and g = .4: the variance is .0408, its root .202."""
        right = check_variances([0.4, 0.4], [0.0408, 0.05], [100, 100])
        assert right == []
        wrong = check_variances([0.4, 0.4], [0.202, 0.0408], [100, 100], labels=["Ito", "Ada"])
        assert [(f.rule, f.where.row) for f in wrong] == [("variance", 1)]
        assert "Square it" in wrong[0].cure
        assert "squared" in check_variances([0.4], [0.0408**2], [100])[0].cure

    def test_swapped_arms(self):
        even = np.array([0.50, 0.55, 0.45, 0.52, 0.48, 0.51, 0.47, 0.53])
        assert swapped_arms(pool(even, [0.01] * 8)) == ()
        even[4] *= -1
        assert swapped_arms(pool(even, [0.01] * 8)) == ("study 5",)
        assert swapped_arms(pool(even[:3], [0.01] * 3)) == ()


def test_regression_keeps_digits_of_a_year():
    """A moderator far from zero costs nothing: the slope on the year is the slope on the year minus 1948."""
    year = np.array([1948.0, 1949, 1960, 1977, 1973, 1953, 1973, 1980])
    one, two = pool(Y, V, mods={"year": year}), pool(Y, V, mods={"year": year - 1948})
    assert one.coefficients[1] == pytest.approx(two.coefficients[1], rel=1e-10)
    assert one.tau2 == pytest.approx(two.tau2, rel=1e-9)
    assert one.estimate == pytest.approx(two.estimate, rel=1e-10)


def test_levels_of_a_word():
    frame = pl.DataFrame({"y": Y, "v": V, "arm": ARMS})
    one = pool(frame["y"], frame["v"], mods={"arm": frame["arm"]}, reference={"arm": "b"})
    assert one.names == ("intercept", "arm=a", "arm=c")
    assert one.table()["term"].to_list() == list(one.names)
    assert one.qm_df == (2, None)
