-- +goose Up
-- How people's connections did, in sums over measurements of two seconds each:
-- divided by measurements (round trips: by rtts) they are means.
CREATE TABLE qualities (
    interview     TEXT             NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
    user_id       TEXT             NOT NULL,
    measurements  BIGINT           NOT NULL,
    poor          BIGINT           NOT NULL,
    freezes       BIGINT           NOT NULL,
    rtts          BIGINT           NOT NULL,
    rtt           DOUBLE PRECISION NOT NULL,
    up_loss       DOUBLE PRECISION NOT NULL,
    up_jitter     DOUBLE PRECISION NOT NULL,
    up_bitrate    DOUBLE PRECISION NOT NULL,
    up_score      DOUBLE PRECISION NOT NULL,
    down_loss     DOUBLE PRECISION NOT NULL,
    down_jitter   DOUBLE PRECISION NOT NULL,
    down_bitrate  DOUBLE PRECISION NOT NULL,
    down_score    DOUBLE PRECISION NOT NULL,
    your_upload   BIGINT           NOT NULL,
    your_download BIGINT           NOT NULL,
    busy          BIGINT           NOT NULL,
    server        BIGINT           NOT NULL,
    PRIMARY KEY (interview, user_id)
);

CREATE INDEX qualities_by_user ON qualities (user_id);

-- +goose Down
DROP TABLE qualities;
