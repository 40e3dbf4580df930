# syntax=docker/dockerfile:1
# One image for web, workers and schedule; the command makes the difference (see compose.yaml).
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential gettext \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY requirements.txt .
RUN pip wheel --no-cache-dir --wheel-dir wheels -r requirements.txt
COPY locale locale
RUN find locale -name '*.po' -exec sh -c 'msgfmt --check-format -o "${1%.po}.mo" "$1"' _ {} \;

FROM python:${PYTHON} AS program
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TRIAGE_DATA_DIR=/var/lib/triage
RUN groupadd --gid 10001 triage \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/triage --shell /usr/sbin/nologin triage \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/triage
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=bind,from=build,source=/build/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels -r requirements.txt
COPY . .
COPY --from=build /build/locale locale
# The key is of this line alone: nothing that it signs is kept.
RUN SECRET_KEY=of-the-build-alone python manage.py collectstatic --no-input \
 && python -m compileall -q conversations triage triage_project
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "triage_project/healthcheck.py", "web", "8000"]
CMD ["python", "-m", "triage_project.serve", "--host", "0.0.0.0", "--port", "8000"]

FROM program AS flower
USER root
RUN pip install --no-cache-dir flower==2.2.0
USER 10001:10001

# What `docker build .` makes.
FROM program
