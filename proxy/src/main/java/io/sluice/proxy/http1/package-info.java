/**
 * HTTP/1.x as bytes (RFC 9112): {@link io.sluice.proxy.http1.HeadReader} reads heads, {@link io.sluice.proxy.http1.BodyReader} bodies. A head stays
 * where it was read, {@link io.sluice.proxy.http1.Fields} only knows where each field lies, so that passing it on is copying bytes. What can be
 * read in two ways is refused: a gateway that guesses lets requests be smuggled. Nothing here knows what is forwarded where.
 */
@NullMarked
package io.sluice.proxy.http1;

import org.jspecify.annotations.NullMarked;
