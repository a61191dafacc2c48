package io.sluice.client;

import java.net.URI;

/** Nobody answers at an address, or what answers is no Sluice. */
public final class UnreachableException extends RuntimeException {
    public UnreachableException(URI address, String reason, Throwable cause) {
        super(address + " cannot be reached: " + reason, cause);
    }

    public UnreachableException(URI address, String reason) {
        super(address + " cannot be reached: " + reason);
    }
}
