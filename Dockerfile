# One image; the role is the command: dist/src/api/main.js, dist/src/workers/main.js [queues], dist/db/migrate.js,
# dist/src/cli/main.js. Debian rather than Alpine: the compiler and the packages are tested on glibc.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# With the optional packages: the program behind tsc is one of them. Nothing of this stage is kept but dist/.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY db db
COPY simulator simulator
RUN npm run build && rm -r dist/simulator

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional ones are a Node, a Postgres and native speed-ups that the service does without.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
# Inside a container the network is private: listen on all of it. An api answers on PORT, a worker on WORKER_PORT.
ENV HOST=0.0.0.0 PORT=3000 WORKER_PORT=3001
WORKDIR /app
COPY package.json ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY config config
# By number, so that Kubernetes can see that it is not root. Nothing in /app belongs to it, and nothing is written.
USER 1000:1000
EXPOSE 3000 3001
# Whichever role this is: one of the two ports must answer.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "const alive = async (port) => { if (!(await fetch('http://127.0.0.1:' + port + '/healthz')).ok) throw port }; Promise.any([process.env.PORT, process.env.WORKER_PORT].map(alive)).catch(() => process.exit(1))"]
# No npm in between: it would swallow the SIGTERM on which a process stops in order. It starts no children, so it can be
# process 1; --init (docker) or init: true (compose) does no harm.
CMD ["node", "dist/src/api/main.js"]
