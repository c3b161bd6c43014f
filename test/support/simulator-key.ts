/** The secret key that a simulated Stripe of the tests accepts. */
export const simulatorKey = 'sk_test_quittance';
