# syntax=docker/dockerfile:1
# docker build -t acs-reconciler . && docker run --rm -v "$PWD":/work acs-reconciler validate
# In a registry of your own, pin the base image by its digest.
# With Dask, for scheduler, workers and --cluster: --build-arg LOCK=requirements-dask.lock
# With OpenTelemetry: --build-arg LOCK=requirements-otel.lock
FROM python:3.13-slim-bookworm AS build
ARG LOCK=requirements.lock
WORKDIR /source
COPY requirements.lock requirements-dask.lock requirements-otel.lock requirements-dev.lock ./
RUN python -m venv /build && /build/bin/pip install --no-cache-dir --require-hashes -r requirements-dev.lock
RUN python -m venv /opt/reconciler \
    && /opt/reconciler/bin/pip install --no-cache-dir --require-hashes -r "$LOCK"
COPY . .
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/reconciler/bin/pip install --no-cache-dir --no-deps /wheels/*.whl \
    && /opt/reconciler/bin/python -m compileall -q /opt/reconciler/lib

FROM python:3.13-slim-bookworm
RUN useradd --uid 65532 --no-create-home reconciler
COPY --from=build /opt/reconciler /opt/reconciler
ENV PATH=/opt/reconciler/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 65532
WORKDIR /work
ENTRYPOINT ["reconciler"]
