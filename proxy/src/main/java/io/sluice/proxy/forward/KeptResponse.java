package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.http1.Fields;

/**
 * A backend's complete error response, kept while another attempt is made: the client gets it if that does not end better.
 *
 * @param fields its own copy
 * @param body to be released by whoever holds this
 */
record KeptResponse(int status, Fields fields, ByteBuf body) {}
