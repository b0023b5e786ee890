from django.urls import path

from accord.service.portals.coordinator import groups, views

app_name = "coordinator"
urlpatterns = [
    path("", views.referrals, name="referrals"),
    path("waiting/", views.waiting, name="waiting"),
    path("waiting/<uuid:person_id>/assign/", views.assign, name="assign"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<uuid:group_id>/", groups.group, name="group"),
    path("groups/<uuid:group_id>/<slug:step>/", groups.group_step, name="group_step"),
    path("staff/", views.staff, name="staff"),
    path("staff/duty/", views.duty, name="duty"),
    path("staff/absence/", views.absence, name="absence"),
]
