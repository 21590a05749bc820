/*
 * Columns of the tables in the notation of `columns()`: `kind(choices): name`, `!` required, `@2` since version 2.
 */

/** Every realistic table has these, besides its keys. */
export const common = `
company: companyId
location: locationId
created: createdDate
updated: updatedDate
boolean: deleted!
date: deletedDate
uuid: createdUserId updatedUserId
hash: checksum
deepObject: metadata
enum(web|mobile|api|import): origin!
enumArray(api|web|sync|etl): channels
`

/** The 20 columns of a small row (with one key column). */
export const small = `
company: companyId
location: locationId
created: createdDate
updated: updatedDate
name: name
text: note
enum(Estimate|RepairOrder|Invoice|Paid): status!
integer: number totalCostCents!
bigInteger: externalNumber
number: price!
boolean: paid! archived
object: metadata
stringArray: tags
enumArray(tire|oil|brake|wash): services
date: dueDate
token: email@2
integer: odometer@3
`

export const order = `
integer: number! messageCount! unreadMessageCount! inspectionCount! mileageIn mileageOut
enum(Estimate|RepairOrder|Invoice): status!
enum(NotPaid|PartiallyPaid|Paid): paymentStatus!
name: name coalescedName generatedName statusName poNumber
longText: complaint recommendation
text: note privateNote externalNote
uuid: customerId vehicleId workflowStatusId appointmentId serviceWriterId paymentTermId taxConfigId
integer: partsCents! laborCents! tiresCents! subcontractsCents! feesCents! shopSuppliesCents! epaCents! taxCents! gstCents pstCents hstCents
integer: discountCents! partsDiscountCents laborDiscountCents totalCostCents! paidCostCents! remainingCostCents! profitCents
bigInteger: externalId publicNumber
number: discountPercent taxRate! grossProfitMargin laborHours! totalWeight
boolean: authorized! invoiced! paid! archived! fullyPaid taxExempt messagedCustomer requireDeposit repeatCustomer
date: orderCreatedDate authorizedDate invoicedDate fullyPaidDate completedDate dueDate promisedDate archivedDate importedDate
stringArray: assignedTechnicianIds tags
enumArray(tire|oil|brake|wash|tow): serviceKinds
array: lineItems appliedFees profitability
object: customer shopSupplies taxes
deepObject: totals
text: warranty@2
integer: depositCents@2
enumArray(sms|mail|app): notifyBy@2
date: warrantyEndDate@3
object: deposit@3
number: conversionRate@3
`

export const customer = `
enum(Customer|Fleet): customerType!
name: firstName lastName companyName coalescedName! address1 address2 city state
token: email phone driversLicense taxNumber
text: note
longText: preferences
hash: postalCode
boolean: marketingOptIn! taxExempt! hasFleet subscribed
integer: orderCount! visitCount dealsCents totalSpentCents!
bigInteger: externalId quickBooksId
number: discountPercent latitude longitude
date: birthday lastVisitDate lastSyncDate
uuid: referralSourceId pricingMatrixId laborRateId
stringArray: emails phoneNumbers
enumArray(sms|mail|call): contactBy
array: addresses
object: billing fleet
text: companyNote@2
boolean: portalAccess@2
number: lifetimeValue@3
deepObject: segments@3
`

export const vehicle = `
name: make! model! submodel name color trim
enum(car|suv|truck|van|motorcycle|heavy): size!
integer: year! mileage engineHours doors
hash: vin licensePlate
name: engine transmission drivetrain bodyType
bigInteger: externalId
number: engineLiters wheelbase tirePressure
date: productionDate registrationDate lastMileageDate
boolean: imported! verified
text: note
longText: technicalNote
uuid: customerId photoId brandId
stringArray: images options
enumArray(gas|diesel|hybrid|ev): fuels
object: warranty decoded
deepObject: specifications
date: batteryDate@2
number: batteryKwh@2
array: recalls@3
`

export const appointment = `
name: name
text: note
longText: description
enum(red|green|blue|gray): color!
enum(Scheduled|Arrived|NoShow|Canceled): status!
date: startDate endDate confirmedDate reminderDate
boolean: allDay! recurring confirmed sendReminder
uuid: customerId vehicleId orderId originalId
integer: durationMinutes bay
number: estimatedHours
enumArray(sms|mail|push): reminders
stringArray: technicianIds
array: occurrences
object: rule
text: cancelReason@2
integer: rescheduleCount@2
boolean: dropOff@3
`

export const connection = `
name: relation
text: note
longText: history
enum(owner|driver|assistant|lead): role!
integer: ordinal
bigInteger: externalId
number: share
date: fromDate untilDate
boolean: primary!
stringArray: tags
array: changes
object: detail
text: remark@2
enumArray(read|edit|sign): rights@2
integer: priority@3
`

export const service = `
name: name! hidden_name
text: note recommendation
longText: description
uuid: orderId cannedServiceId laborMatrixId pricingMatrixId
enum(Approved|Declined|Pending): authorizationStatus!
integer: ordinal! totalCents! laborCents partsCents feesCents discountCents taxCents
bigInteger: externalId
number: hours! rate discountPercent
boolean: lumpSum! deferred showDetail taxable
date: authorizedDate completedDate deferredDate
enumArray(tire|oil|brake|wash): categories
stringArray: technicianIds
array: parts labors fees
object: pricing
deepObject: calculation
text: deferredReason@2
integer: supplierCents@2
date: reviewDate@3
`

export const inspection = `
name: name! section
longText: message
text: note
enum(Good|Fair|Poor|NotInspected): status!
integer: ordinal! itemCount
number: score tread
boolean: completed! isConfirmed recommended
uuid: orderId vehicleId templateId technicianId
date: completedDate sentDate
stringArray: photos
enumArray(lf|rf|lr|rr): wheels
array: findings
object: measurement
text: customerComment@2
integer: severity@3
`

export const part = `
name: name! partName manufacturer bin
hash: number! barcode
text: note
longText: description
integer: wholesaleCostCents! retailCostCents! quantity! minimum maximum
bigInteger: externalId barcodeNumber
number: markup margin weight
boolean: taxable! serialized oversold
uuid: vendorId brandId categoryId pricingMatrixId
date: lastSoldDate lastOrderedDate
enumArray(new|used|rebuilt|oem): conditions
stringArray: alternatives
array: stock
object: dimensions
deepObject: fitment
integer: coreChargeCents@2
boolean: hazardous@2
text: handling@3
`

export const purchaseOrder = `
name: name vendorName
integer: number! totalCents! shippingCents taxCents
hash: invoiceNumber trackingNumber
enum(Draft|Ordered|Received|Fulfilled): status!
text: note
longText: terms
uuid: vendorId orderId
bigInteger: externalId
number: exchangeRate weight
date: orderedDate receivedDate expectedDate
boolean: paid! received
enumArray(part|tire|fee): kinds
stringArray: orderIds
array: parts tires
object: shipping
text: carrier@2
date: paidDate@3
`

export const payment = `
integer: amountCents! feeCents refundedCents tipCents
enum(Cash|Card|Check|Ach|Financing): paymentType!
enum(Succeeded|Failed|Pending): status!
name: payerName cardName
token: cardToken receiptEmail
hash: transactionId authorizationCode
uuid: orderId customerId statementId
text: note
longText: statementDescriptor
bigInteger: providerId
number: feePercent exchangeRate
date: paidDate depositedDate refundedDate
boolean: deposit! refunded!
enumArray(visa|amex|cash): accepted
stringArray: receipts
object: provider
deepObject: response
text: failureReason@2
integer: surchargeCents@2
boolean: disputed@3
`

export const message = `
longText: text! html
text: subject
enum(sms|email|chat): kind!
enum(Sent|Delivered|Failed|Read): state!
token: sender recipient
uuid: conversationId orderId customerId
bigInteger: providerId
integer: attachmentCount segments
number: priceUsd
date: sentDate readDate deliveredDate
boolean: outbound! automated
enumArray(jpg|png|pdf): attachmentTypes
stringArray: attachmentUrls
array: reactions
object: headers
text: translated@2
number: sentiment@3
`

export const timesheet = `
date: clockIn clockOut
integer: durationSeconds! rateCents
number: flagHours
enum(Clocked|Flagged|Break): activity!
uuid: userId orderId serviceId laborId
text: note
longText: workDone
bigInteger: payrollId
boolean: inProgress! approved
enumArray(reg|ot|hol): payCodes
stringArray: devices
array: breaks
object: position
text: approvedBy@2
integer: mileage@3
`

export const range = `
number: from! to multiplier!
name: name
text: note
longText: explanation
integer: hundredths
bigInteger: externalId
enum(hours|cost): basis!
date: effectiveDate
boolean: rounded!
enumArray(car|suv|van): sizes
stringArray: codes
array: steps
object: rule
text: remark@2
number: cap@3
`

export const label = `
name: name! title
text: note
longText: description
enum(order|customer|vehicle|part): entity!
enum(red|green|blue|gray): color!
integer: ordinal! usageCount
bigInteger: externalId
number: weight
date: lastUsedDate
boolean: hidden!
enumArray(shop|web|app): shownOn
stringArray: synonyms
array: uses
object: style
text: tooltip@2
boolean: pinned@3
`

export const user = `
name: firstName! lastName nickname
token: email phone pin
enum(Owner|Manager|Technician|Writer): role!
text: note
longText: signature
integer: rateCents failedLogins
bigInteger: payrollId badge
number: efficiency hoursGoal
date: hiredDate lastLoginDate birthday
boolean: active! technician locked
uuid: laborRateId photoId
enumArray(read|edit|admin): rights
stringArray: certificates
array: schedule
object: settings
deepObject: permissions
text: emergencyContact@2
date: trainedDate@3
`
