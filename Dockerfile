# syntax=docker/dockerfile:1
# The server as an image: no shell, no package manager, not root; the only place it writes to is /data.
#
#   docker build -t clarity .
#   docker run --read-only -p 8000:8000 -v clarity-data:/data clarity
#
# The platform is fixed because native libraries are installed for it; override with --build-arg PLATFORM=linux/arm64.
ARG PLATFORM=linux/amd64

FROM --platform=${PLATFORM} node:22-bookworm-slim AS build
WORKDIR /app
ENV CI=true npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY contracts ./contracts
COPY core ./core
COPY adapters ./adapters
COPY hosts ./hosts
RUN node scripts/build.mjs
# ONNX Runtime ships its library for every system; the image needs one of them.
RUN npm prune --omit=dev --ignore-scripts && mkdir /data \
 && rm -rf node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32

FROM --platform=${PLATFORM} gcr.io/distroless/nodejs22-debian12:nonroot
LABEL org.opencontainers.image.title="Clarity" \
      org.opencontainers.image.description="A self-hostable backend for wearable health data" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE NOTICE ./
COPY models ./models
COPY --from=build --chown=65532:65532 /data /data
# Models are installed into the volume: docker run -v clarity-data:/data clarity dist/hosts/cli/main.js models install ...
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/data PAT_MODEL_BASE_DIR=/data/models
USER nonroot
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
CMD ["--enable-source-maps", "dist/hosts/express/main.js"]
