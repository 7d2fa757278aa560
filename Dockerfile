# syntax=docker/dockerfile:1

# The programs are JavaScript without native modules, so they are built once, on the platform of the builder.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS build
WORKDIR /src
COPY . .
RUN npx --yes pnpm@12 install --frozen-lockfile --filter "@user-management/http..." --filter "@user-management/cli..."
RUN node apps/http/build.ts && node apps/cli/build.ts
# A new volume inherits the owner of this folder. The final image has no shell that could create it.
RUN mkdir /data

FROM gcr.io/distroless/nodejs24-debian13:nonroot
LABEL org.opencontainers.image.title="User management" \
      org.opencontainers.image.description="A REST API that stores users in SQLite or DynamoDB" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="gcr.io/distroless/nodejs24-debian13:nonroot"
WORKDIR /app
COPY --from=build /src/LICENSE ./
COPY --from=build /src/apps/http/dist/main.js /src/apps/http/dist/main.js.LICENSES.txt ./
COPY --from=build /src/apps/cli/dist/userctl.js /src/apps/cli/dist/userctl.js.LICENSES.txt ./
COPY --from=build --chown=65532:65532 /data /data
# Other machines can reach the server, so it does not start until it can authenticate callers.
ENV HOST=0.0.0.0 \
    SQLITE_PATH=/data/users.db
USER 65532:65532
VOLUME ["/data"]
EXPOSE 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 \
  CMD ["/nodejs/bin/node", "main.js", "--healthcheck"]
ENTRYPOINT ["/nodejs/bin/node"]
CMD ["main.js"]
