# The service as an image: no shell, no package manager, not root; the only place it writes to is /data.
#
#   docker build -t clarity .
#   docker run --read-only -p 8000:8000 -v clarity-data:/data clarity
#
# The same sources on the same base images give the same layers; docs/image.md says how, and what checks it.
# The platform is fixed because native libraries are installed for it; override with --build-arg PLATFORM=linux/arm64.
ARG PLATFORM=linux/amd64
ARG BUILD_IMAGE=docker.io/library/node:22-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs22-debian12:nonroot

FROM --platform=${PLATFORM} ${BUILD_IMAGE} AS build
WORKDIR /app
ENV CI=true npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false
COPY package.json package-lock.json .npmrc ./
# Whoever has a registry of their own says so with --secret id=npmrc,src=$HOME/.npmrc; no layer keeps it.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=cache,target=/root/.npm \
  npm ci --ignore-scripts --prefer-offline
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs ./scripts/
COPY contracts ./contracts
COPY core ./core
COPY adapters ./adapters
COPY hosts ./hosts
RUN node scripts/build.mjs
# Native libraries come for every system; the image needs those of one. Types are for compilers.
RUN npm prune --omit=dev --ignore-scripts \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -path "*/linux/$(node -p process.arch)" -exec rm -rf {} + \
 && rm -rf node_modules/@libsql/*-musl node_modules/@node-rs/*-musl \
 && find dist node_modules \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -type f -delete \
 && rm dist/.tsbuildinfo
COPY LICENSE NOTICE ./
COPY models ./models
# Laid out as it will be: whole trees with one time and one set of permissions, so that nothing of this build, of the
# machine it ran on or of its umask gets into a layer. Packages first: they change least.
ARG SOURCE_DATE_EPOCH=0
RUN mkdir -p /image/packages/app /image/service/app /image/data/data \
 && mv node_modules /image/packages/app/ \
 && mv package.json LICENSE NOTICE models dist /image/service/app/ \
 && chmod -R u=rwX,go=rX /image \
 && find /image -depth -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM --platform=${PLATFORM} ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="Clarity" \
      org.opencontainers.image.description="A self-hostable backend for wearable health data" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/packages/ /
COPY --from=build /image/service/ /
COPY --from=build --chown=65532:65532 /image/data/ /
WORKDIR /app
# Models are installed into the volume: docker run -v clarity-data:/data clarity dist/hosts/cli/main.js models install ...
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/data TMPDIR=/data PAT_MODEL_BASE_DIR=/data/models
USER 65532:65532
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
CMD ["--enable-source-maps", "dist/hosts/express/main.js"]
