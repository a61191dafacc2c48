package io.sluice.service.lifecycle;

import io.vertx.core.Future;

/** Something that starts and stops. Neither method blocks. */
public interface Component {
    /** What logs and error messages call it. */
    String name();

    /** Completes when the component does its work; after a failure it holds nothing that would have to be stopped. */
    Future<Void> start();

    /** Completes when everything is let go of; harmless when it never started or has stopped. */
    Future<Void> stop();
}
