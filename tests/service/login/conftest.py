"""Log-in tests begin with an empty cache: allauth counts attempts in it."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _forget():
    cache.clear()


@pytest.fixture
def guarded_page(settings):
    """The address of a page that a therapist may open, and nobody else."""
    from types import ModuleType

    from django.http import HttpResponse
    from django.urls import clear_url_caches, path

    from accord.service.access.guard import page
    from accord.service.access.table import Action, Resource
    from accord.service.config import urls

    @page(Resource.ALERT, Action.ACT)
    def inside(request):
        return HttpResponse("inside")

    module = ModuleType("urls_with_a_guarded_page")
    module.urlpatterns = [*urls.urlpatterns, path("inside/", inside, name="inside")]
    for name in ("handler400", "handler403", "handler404", "handler500"):
        setattr(module, name, getattr(urls, name))
    settings.ROOT_URLCONF = module
    yield "/inside/"
    clear_url_caches()
