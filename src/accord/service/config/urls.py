"""Every address of the service. A portal's addresses stand in its own urls.py."""

from django.apps import apps
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("accord.service.portals.public.urls")),
    path("my/", include("accord.service.portals.patient.urls")),
    path("clinic/", include("accord.service.portals.therapist.urls")),
    path("office/", include("accord.service.portals.coordinator.urls")),
    path("manage/", include("accord.service.portals.manager.urls")),
    path("research/", include("accord.service.portals.research.urls")),
    path("operate/", include("accord.service.portals.operator.urls")),
]
if apps.is_installed("accord.service.demo"):
    urlpatterns.append(path("demo/", include("accord.service.demo.urls")))

handler400 = "accord.service.portals.public.errors.bad_request"
handler403 = "accord.service.portals.public.errors.not_found"
handler404 = "accord.service.portals.public.errors.not_found"
handler500 = "accord.service.portals.public.errors.broken"
