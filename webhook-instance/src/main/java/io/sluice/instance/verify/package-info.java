/**
 * Whether a request comes from whom the webhook expects. {@link io.sluice.instance.verify.Verifier} checks a request against the schemes that the
 * configuration names, over the bytes as they were sent. It knows nothing of what happens to the request afterwards, and tells callers' logs and
 * metrics why it refuses, never the sender.
 */
@NullMarked
package io.sluice.instance.verify;

import org.jspecify.annotations.NullMarked;
