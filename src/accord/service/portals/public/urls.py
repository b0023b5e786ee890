from django.urls import path

from accord.service.portals.public import help, views

app_name = "public"
urlpatterns = [
    path("", views.front, name="front"),
    path("begin", views.sign_up, name="sign_up"),
    path("begin/sent", views.sent, name="sent"),
    path("refer", views.refer, name="refer"),
    path("refer/sent", views.referred, name="referred"),
    path("confirm/<str:token>", views.confirm, name="confirm"),
    path("help", help.help_now, name="help"),
    path("about", views.about, name="about"),
]
