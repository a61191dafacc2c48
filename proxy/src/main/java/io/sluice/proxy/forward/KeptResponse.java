package io.sluice.proxy.forward;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/** A backend's complete error response, kept while another attempt is made: the client gets it if that does not end better. */
record KeptResponse(int status, MultiMap headers, Buffer body) {}
