# syntax=docker/dockerfile:1
# docker build --target sync --tag eds-sync .

FROM node:22-bookworm-slim AS build
WORKDIR /eds
COPY . .
RUN npm ci --no-audit --no-fund && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && find packages apps -type d \( -name test -o -name out-tsc \) -prune -exec rm -rf {} +

FROM node:22-bookworm-slim AS runtime
ENV NODE_ENV=production
WORKDIR /eds
COPY --from=build /eds/package.json ./
COPY --from=build /eds/node_modules node_modules
COPY --from=build /eds/packages packages
COPY --from=build /eds/tools/shop tools/shop
COPY --from=build /eds/apps apps
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data

# In place of EventSync, for Cloud Run: configured by CONFIG, listens on PORT, ends on SIGTERM.
FROM runtime AS sync
ENTRYPOINT ["node", "/eds/apps/server/bin/eds.js", "sync", "--data-dir", "/data"]
