from django.urls import path

from accord.service.portals.coordinator import complaints, groups, start_and_stay, views

app_name = "coordinator"
urlpatterns = [
    path("", views.referrals, name="referrals"),
    path("waiting/", views.waiting, name="waiting"),
    path("waiting/<uuid:person_id>/assign/", views.assign, name="assign"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<uuid:group_id>/", groups.group, name="group"),
    path("groups/<uuid:group_id>/<slug:step>/", groups.group_step, name="group_step"),
    path("start-and-stay/", start_and_stay.start_and_stay, name="start_and_stay"),
    path("start-and-stay/call-list/", start_and_stay.call_list, name="call_list"),
    path("start-and-stay/<uuid:person_id>/", start_and_stay.one, name="rescue"),
    path("start-and-stay/<uuid:person_id>/<slug:step>/", start_and_stay.act, name="rescue_act"),
    path("complaints/", complaints.complaints, name="complaints"),
    path("complaints/enter/", complaints.enter, name="complaint_enter"),
    path("complaints/<uuid:complaint_id>/", complaints.complaint, name="complaint"),
    path("complaints/<uuid:complaint_id>/<slug:step>/", complaints.act, name="complaint_act"),
    path("staff/", views.staff, name="staff"),
    path("staff/duty/", views.duty, name="duty"),
    path("staff/absence/", views.absence, name="absence"),
]
