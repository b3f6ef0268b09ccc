# Parley as one static binary in an empty image.
#
#   docker build -t parley .
#   docker run --rm --network host -v parley:/data \
#     -e PARLEY_HTTP_PUBLIC_URL=https://interviews.example.com parley
#
# Media needs UDP port 3478 and those after it, one per processor, reachable
# under an address that browsers know: host networking does that, or publish the
# ports and name the address in PARLEY_MEDIA_ANNOUNCE.

FROM node:20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/*.html web/*.json web/*.ts ./
COPY web/src src
COPY web/public public
RUN npm run build

FROM golang:1.26-bookworm AS build
ARG VERSION=
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY internal internal
COPY recorder recorder
COPY sfu sfu
COPY signaling signaling
COPY turn turn
COPY web/*.go web/
COPY --from=web /src/web/dist web/dist
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/parley ./cmd/parley \
 && mkdir -p /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/parley /parley
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
ENV PARLEY_DATA=/data PARLEY_HTTP_LISTEN=:8080
VOLUME /data
EXPOSE 8080/tcp 3478/udp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=5s CMD ["/parley", "healthcheck"]
ENTRYPOINT ["/parley"]
CMD ["serve"]
