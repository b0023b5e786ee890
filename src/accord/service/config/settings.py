"""Django's settings, for every mode. What differs between modes is said here and nowhere else."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from accord.service.config.environment import read_environment

ENVIRONMENT = read_environment()
DEMO = ENVIRONMENT.mode == "demo"
PRODUCTION = ENVIRONMENT.mode == "production"
TESTING = ENVIRONMENT.mode == "test"
DEMO_PAST = ENVIRONMENT.past  # people of the invented past
SITE_FOLDER = ENVIRONMENT.site
DATA_FOLDER = ENVIRONMENT.data
HERE = Path(__file__).parent.parent

# --- keys -------------------------------------------------------------------------------------------------------
SECRET_KEY = str(ENVIRONMENT.keys["secret"])
AUDIT_KEY = bytes.fromhex(str(ENVIRONMENT.keys["audit"]))
COMMITMENT_KEY = bytes.fromhex(str(ENVIRONMENT.keys["commitment"]))
FIELD_KEYS = {key_id: bytes.fromhex(key) for key_id, key in dict(ENVIRONMENT.keys["fields"]).items()}  # type: ignore[call-overload]

# --- what is installed ------------------------------------------------------------------------------------------
ROOMS = ["audit", "access", "library", "outbox", "people", "episodes", "assessments", "programmes", "messaging", "care",
         "studies"]  # fmt: skip
PORTALS = ["public", "patient", "therapist", "coordinator", "manager", "research", "operator"]
INSTALLED_APPS = [
    *(f"accord.service.{room}" for room in ROOMS),
    *(["accord.service.demo"] if not PRODUCTION else []),  # the door is not installed where people are treated (E21)
    "accord.service.ui.apps.UiConfig",
    "accord.service.gateways.login.apps.LoginConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accord.service.access.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "accord.service.portals.public.help.HelpMiddleware",  # before anything that reads a row (P24)
    "accord.service.access.guard.TimeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accord.service.gateways.login.middleware.AskerMiddleware",
    "accord.service.access.guard.GuardMiddleware",
    "accord.service.ui.refusals.RefusalMiddleware",
]
ROOT_URLCONF = "accord.service.config.urls"
ASGI_APPLICATION = "accord.service.config.asgi.application"
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [HERE / "ui" / "locale"]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            *(HERE / "portals" / portal / "templates" for portal in PORTALS),
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accord.service.ui.context.page_context",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_FOLDER / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = TESTING

# --- databases --------------------------------------------------------------------------------------------------
DATABASES = {"default": ENVIRONMENT.database}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}
if TESTING:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- who comes in -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accord.service.gateways.login.hasher.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
STAFF_NEED_SECOND_FACTOR = not DEMO
SESSION_IDLE_SECONDS = {"staff": 1800, "patient": 3600}  # in a demonstration nobody is sent out, its clock jumps
if DEMO:
    SESSION_IDLE_SECONDS = {"staff": None, "patient": None}  # type: ignore[dict-item]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accord.service.gateways.login.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # allauth's own sign-up is closed: see the adapter
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account is opened through a link that was sent to its address
ACCOUNT_CHANGE_EMAIL = True  # one address; a new one counts once its link was opened
ACCOUNT_EMAIL_NOTIFICATIONS = True  # she is told when her log-in changed
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/key", "signup": "5/m/ip"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_GET = False
MFA_ADAPTER = "accord.service.gateways.login.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Accord"

# --- what the browser is told -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE], "script-src": [SELF], "style-src": [SELF], "img-src": [SELF, "data:"],
        "font-src": [SELF], "connect-src": [SELF], "form-action": [SELF], "base-uri": [NONE],
        "frame-ancestors": [NONE], "manifest-src": [SELF],
    }
}  # fmt: skip
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accord.service.portals.public.errors.csrf_failed"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o600
ALLOWED_HOSTS = ENVIRONMENT.hosts or (["localhost", "127.0.0.1", "[::1]", "testserver"] if not PRODUCTION else [])
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 63072000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-accord"
    CSRF_COOKIE_NAME = "__Host-csrf"
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ENVIRONMENT.hosts]

# --- what leaves the house --------------------------------------------------------------------------------------
ACCORD_EMAIL = ENVIRONMENT.email
DEFAULT_FROM_EMAIL = f"no-reply@{ENVIRONMENT.hosts[0] if ENVIRONMENT.hosts else 'localhost'}"
EMAIL_BACKEND = "accord.service.gateways.email.backend.Backend"
PUBLIC_ADDRESS = ENVIRONMENT.address  # what links in mails begin with
WATCHERS = ENVIRONMENT.watchers  # whom `accord clock --watch` writes to, besides the service leads
CHECKPOINT_FOLDER = ENVIRONMENT.checkpoints

# Logs name a part of the code, a status and a time; never a path, an id, a parameter or a body (P20).
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"neutral": {"()": "accord.service.config.logs.Neutral"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "neutral"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # that a page is not there is no event
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
