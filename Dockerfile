# One image, three commands of it: `accord serve`, `accord clock`, `accord clock --watch`. Built offline from a mirror or
# not, every package is held to its hash. The last stage has no compiler, no pip, and runs as nobody in particular.
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY deploy/requirements.lock deploy/build.lock deploy/
RUN python -m venv /opt/accord \
 && /opt/accord/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r deploy/requirements.lock
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r deploy/build.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-index --no-build-isolation --wheel-dir /wheel . \
 && /opt/accord/bin/pip install --no-cache-dir --no-deps --no-index /wheel/*.whl \
 && /opt/accord/bin/pip uninstall --yes pip

FROM python:3.11-slim-bookworm
RUN python -m pip uninstall --yes pip \
 && useradd --system --uid 10001 --home-dir /var/lib/accord --shell /usr/sbin/nologin accord \
 && install -d -o accord -g accord -m 0700 /var/lib/accord /var/lib/accord-keys /var/lib/accord-checkpoints /var/backups/accord
COPY --from=build /opt/accord /opt/accord
ENV PATH=/opt/accord/bin:$PATH PYTHONDONTWRITEBYTECODE=1 \
    ACCORD_MODE=production ACCORD_DATA=/var/lib/accord ACCORD_KEYS=/var/lib/accord-keys/keys.json \
    ACCORD_CHECKPOINTS=/var/lib/accord-checkpoints
USER 10001:10001
VOLUME ["/var/lib/accord", "/var/lib/accord-keys", "/var/lib/accord-checkpoints", "/var/backups/accord"]
EXPOSE 8000
ENTRYPOINT ["accord"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
  CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8000), 3).close()"]
