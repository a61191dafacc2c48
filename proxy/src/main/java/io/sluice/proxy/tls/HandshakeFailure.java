package io.sluice.proxy.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a connection to a backend came to nothing, as far as TLS is the reason. */
public enum HandshakeFailure {
    /** The certificate is not valid at this time. */
    EXPIRED("its certificate has expired or is not valid yet"),
    /** Nobody who is trusted has signed it. */
    UNKNOWN_CA("its certificate is signed by nobody who is trusted"),
    /** It is for another name. */
    NAME_MISMATCH("its certificate is for another name"),
    /** Anything else, such as no protocol in common, or that the backend refuses what it is shown. */
    OTHER("TLS cannot be agreed on");

    private final String meaning;

    HandshakeFailure(String meaning) {
        this.meaning = meaning;
    }

    /** For people. */
    public String describe(Throwable failure) {
        Throwable first = failure;
        while (first.getCause() != null && first.getCause() != first) {
            first = first.getCause();
        }
        String message = first.getMessage();
        return message == null ? meaning : meaning + " (" + message + ")";
    }

    /** Null when it has nothing to do with TLS. */
    public static @Nullable HandshakeFailure of(@Nullable Throwable failure) {
        boolean tls = false;
        HandshakeFailure found = null;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            tls |= each instanceof SSLException;
            if (each instanceof CertificateExpiredException || each instanceof CertificateNotYetValidException) {
                return EXPIRED;
            }
            if (each instanceof CertPathBuilderException || isWithoutAnchor(each)) {
                found = UNKNOWN_CA;
            } else if (found == null && each.getClass() == CertificateException.class && each.getCause() == null) {
                // The runtime has no type of its own for a name that does not match.
                found = NAME_MISMATCH;
            }
        }
        return found == null && tls ? OTHER : found;
    }

    private static boolean isWithoutAnchor(Throwable each) {
        return each instanceof CertPathValidatorException invalid && invalid.getReason() == PKIXReason.NO_TRUST_ANCHOR;
    }
}
