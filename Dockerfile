# One image for all programs; the command says which: node dist/bin/{api,worker,edge,model}.js, or dist/bin/slipway.js for the command line.
# Node is named to the last digit: a receipt records the V8 that decided, and is replayed bit for bit on the same.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
RUN npm ci --ignore-scripts

FROM packages AS build
COPY . .
RUN npm run build

# Without what builds and tests, and without the embedded engine, which is optional.
FROM node:${NODE_VERSION}-bookworm-slim AS production
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# libc and libstdc++, no shell, no package manager. The tag moves with Debian's security updates; pin it by digest where images must not move.
FROM gcr.io/distroless/cc-debian12:nonroot AS slipway
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=production /src/node_modules node_modules
COPY --from=build /src/package.json /src/LICENSE /src/deploy/healthy.mjs ./
COPY --from=build /src/dist dist
ENV NODE_ENV=production SLIPWAY_HOST=0.0.0.0
USER 65532:65532
EXPOSE 4000 4100 4200 4300
# Alive, not ready: who restarts on this must not restart a program because its database is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["node", "healthy.mjs"]
CMD ["node", "--enable-source-maps", "--disable-proto=delete", "dist/bin/api.js"]
