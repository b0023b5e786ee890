from django.urls import path

from accord.service.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.door, name="door"),
    path("tour/", views.tour, name="tour"),
    path("enter/<slug:key>/", views.enter, name="enter"),
    path("mail/", views.mail, name="mail"),
    path("time/", views.pass_time, name="time"),
]
