from django.urls import path

from accord.service.portals.coordinator import views

app_name = "coordinator"
urlpatterns = [
    path("", views.referrals, name="referrals"),
    path("waiting/", views.waiting, name="waiting"),
    path("waiting/<uuid:person_id>/assign/", views.assign, name="assign"),
    path("staff/", views.staff, name="staff"),
    path("staff/duty/", views.duty, name="duty"),
    path("staff/absence/", views.absence, name="absence"),
]
