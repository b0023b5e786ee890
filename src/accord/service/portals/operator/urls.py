from django.urls import path

from accord.service.portals.operator import views

app_name = "operator"
urlpatterns = [
    path("", views.settings_page, name="settings"),
    path("clinic/<uuid:clinic_id>/", views.clinic, name="clinic"),
    path("content/", views.content, name="content"),
    path("content/publish/", views.publish, name="publish"),
]
