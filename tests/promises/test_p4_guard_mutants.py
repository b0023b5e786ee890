"""P4: a guard that is taken out is missed by a test. Under make promises every guard is taken out, one by one."""

from plugins.mutants import SERVICE, mutants, survives
from plugins.promises import counted, size


def test_no_guard_can_be_missing_unseen():
    every = list(mutants())
    assert len(every) > 250
    rooms = {one.path.relative_to(SERVICE).parts[0] for one in every}
    assert rooms >= {"people", "episodes", "assessments", "programmes", "messaging", "care", "studies", "portals"}
    first = next(one for one in every if "people/policies.py" in str(one) and "check_may_at" in one.kind)
    tried = [first, *every][: size(1, len(every) + 1)]
    survivors = [str(one) for one in tried if survives(one)]
    counted("P4", "guard mutants", guards=len(every), tried=len(tried), survived=len(survivors))
    assert survivors == []
