/** The member that names a business type, in what an Idempotency-Key stands for: absent where the request names none. */
export function namedBusinessType(businessType: string | undefined): { business_type?: string } {
  return businessType === undefined ? {} : { business_type: businessType }
}
