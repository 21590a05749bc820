# syntax=docker/dockerfile:1
# docker build --tag eds .                                            every driver
# docker build --build-arg DRIVERS="postgres s3" --tag eds-slim .     chosen ones
# docker build --target sync --tag eds-sync .                         in place of EventSync, for Cloud Run
# `npm run check:image` executes these steps where there is no Docker.

FROM node:22-bookworm-slim AS build
ARG DRIVERS=all
WORKDIR /source
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && npx tsc --build apps/server/tsconfig.lib.json tools/deploy/tsconfig.lib.json
# The locked versions, but only of what these drivers need. No dependency has to run a script: native parts come ready-made.
RUN node tools/deploy/bin/deploy.js tree /eds "$DRIVERS" && cd /eds \
  && npm install --omit=dev --ignore-scripts --no-audit --no-fund \
  && cd /source && node tools/deploy/bin/deploy.js prune /eds
RUN mkdir /data

# A C++ run time and certificates: no shell, no package manager, nothing to patch but Node.js.
FROM gcr.io/distroless/cc-debian12 AS runtime
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /eds /eds
COPY --from=build --chown=65532:65532 /data /data
ENV NODE_ENV=production EDS_CONTAINER=true
WORKDIR /data
VOLUME /data
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532

# In place of EventSync, for Cloud Run: configured by CONFIG, listens on PORT, ends on SIGTERM.
FROM runtime AS sync
ENTRYPOINT ["/usr/local/bin/node", "/eds/apps/server/bin/eds.js", "sync", "--data-dir", "/data"]

FROM runtime AS server
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/local/bin/node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8080)).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "/eds/apps/server/bin/eds.js"]
CMD ["server", "--data-dir", "/data"]
