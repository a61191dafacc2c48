package io.sluice.proxy.forward;

import io.sluice.proxy.tls.HandshakeFailure;

/** Why a connection to a backend was not made: TCP or TLS. */
final class ConnectFailures {
    private ConnectFailures() {}

    static Failure kind(Throwable cause) {
        HandshakeFailure tls = HandshakeFailure.of(cause);
        if (tls == null) {
            return Failure.CONNECT_FAILED;
        }
        return switch (tls) {
            case EXPIRED -> Failure.TLS_CERTIFICATE_EXPIRED;
            case UNKNOWN_CA -> Failure.TLS_UNKNOWN_CA;
            case NAME_MISMATCH -> Failure.TLS_NAME_MISMATCH;
            case OTHER -> Failure.TLS_FAILED;
        };
    }

    /** For people. */
    static String describe(Throwable cause) {
        HandshakeFailure tls = HandshakeFailure.of(cause);
        return tls == null ? String.valueOf(cause.getMessage()) : tls.describe(cause);
    }
}
