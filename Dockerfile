# syntax=docker/dockerfile:1
# The server in a container: docker build -t copydesk .   With CUDA: docker build --target server-cuda -t copydesk:cuda .
# serving/deploy/README.md says how it is run, and what of this was tried.
ARG NODE=22-bookworm-slim

# TypeScript to dist/, with the tools that takes.
FROM node:${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

# What runs: no tools, no other platforms' libraries, and of the browser's runtime only the copy that dist/client has.
FROM node:${NODE} AS production
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Packages that are asked for by themselves, such as those of the Redis queue: --build-arg PACKAGES='bullmq@6.7.0 ioredis@5.11.1'
ARG PACKAGES=""
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && if [ -n "$PACKAGES" ]; then echo "$PACKAGES" | xargs npm install --prefix /extra --ignore-scripts --no-audit --no-fund && cp -rn /extra/node_modules/. node_modules/; fi \
  && rm -rf node_modules/onnxruntime-web /root/.npm \
  && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d ! -path "*/linux/$(node -p process.arch)" -exec rm -rf {} + \
  && find node_modules -name '*.map' -delete

# Only with --target server-cuda: the CUDA library of onnxruntime-node, which is fetched from NuGet.
FROM production AS production-cuda
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
  && ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install

FROM nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04 AS server-cuda
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=production-cuda /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/models/zoo models/zoo
COPY package.json LICENSE NOTICE ./
COPY serving/deploy/health.mjs health.mjs
ENV NODE_ENV=production COPYDESK_HOST=0.0.0.0 COPYDESK_PORT=8000 COPYDESK_PROVIDERS=cuda,cpu
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 CMD ["node", "/app/health.mjs"]
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["serve"]

# The last stage is the one that is built when none is named.
FROM node:${NODE} AS server
# npm and yarn are no part of a server.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* /usr/local/bin/yarn*
WORKDIR /app
COPY --from=production /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/models/zoo models/zoo
COPY package.json LICENSE NOTICE ./
COPY serving/deploy/health.mjs health.mjs
# Reached from outside the container: it starts with COPYDESK_KEYS, or with COPYDESK_ALLOW_OPEN=true where nobody else can come near.
ENV NODE_ENV=production COPYDESK_HOST=0.0.0.0 COPYDESK_PORT=8000
# The user `node` of the image, by number, as Kubernetes wants it to know that it is not root. It can write nowhere.
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/health.mjs"]
# No shell between: SIGTERM reaches node, which drains.
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["serve"]
