package io.sluice.proxy.tls;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that certificates or keys are read from is not right. */
public final class CertificateFileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String file;
    private final String expectation;

    CertificateFileException(Path file, String expectation, @Nullable Throwable cause) {
        super(file + " (expected: " + because(expectation, cause) + ")", cause);
        this.file = file.toString();
        this.expectation = because(expectation, cause);
    }

    private static String because(String expectation, @Nullable Throwable cause) {
        return cause == null ? expectation : expectation + "; " + cause.getMessage();
    }

    public String file() {
        return file;
    }

    /** What would have been right, and what was found. */
    public String expectation() {
        return expectation;
    }
}
