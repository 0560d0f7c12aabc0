# The explorer: a page and its scripts.
FROM node:24-slim AS explorer
WORKDIR /explorer
COPY service/explorer/package.json service/explorer/package-lock.json service/explorer/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY service/explorer/build.mjs service/explorer/patches.mjs ./
COPY service/explorer/src ./src
RUN npm run build

# The environment: what the lock names, and Guidepost. The tools that build it stay behind.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock requirements-runtime.lock ./
RUN python -m venv /tools && /tools/bin/pip install --require-hashes -r requirements.lock
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements-runtime.lock
COPY pyproject.toml README.md LICENSE .gitignore ./
COPY schema ./schema
COPY service ./service
COPY --from=explorer /explorer/dist ./service/explorer/dist
RUN /tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && /venv/bin/pip install --no-deps --no-index /wheel/*.whl \
    # Keeps the GraphQL schema beside the bytecode: a container may not write there.
    && /venv/bin/guidepost schema print >/dev/null

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home guidepost
COPY --from=build /venv /venv
WORKDIR /srv/guidepost
COPY alembic.ini ./
COPY alembic ./alembic
COPY seeds ./seeds
USER guidepost
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 GUIDEPOST_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz\", timeout=2)"]
CMD ["guidepost", "serve"]
